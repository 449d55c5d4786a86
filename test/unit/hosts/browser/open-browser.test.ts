import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { getOpenCommand, openInBrowser } from '../../../../src-main/hosts/browser/open-browser.ts';

function createTempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'open-browser-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const address = 'http://127.0.0.1:4711/open?code=once';

it('getOpenCommand: passes the URL as one argument, without a shell', () => {
  const url = 'http://127.0.0.1:4711/a&b';
  expect(getOpenCommand('linux', url)).toEqual({ command: 'xdg-open', args: [url] });
  expect(getOpenCommand('darwin', url)).toEqual({ command: 'open', args: [url] });
  expect(getOpenCommand('win32', url)).toEqual({ command: 'rundll32', args: ['url.dll,FileProtocolHandler', url] });
});

// Verifies B-09.
it('openInBrowser: opens a private redirect page, so that the address is not a program argument', () => {
  const openedUrls: string[] = [];
  const removePage = openInBrowser(address, createTempFolder(), (url) => openedUrls.push(url));
  expect(openedUrls).toEqual([expect.stringMatching(/^file:\/\/\/.*\/open\.html$/)]);
  expect(openedUrls[0]).not.toContain('once');
  const file = fileURLToPath(openedUrls[0] ?? '');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(`content="0; url=${address}"`);
  removePage();
  expect(existsSync(file)).toBe(false);
});

// Verifies B-09, F-03.
it('openInBrowser: replaces an existing page and does not write through a symbolic link', () => {
  const folder = createTempFolder();
  const linkTarget = join(createTempFolder(), 'target');
  writeFileSync(linkTarget, 'unchanged');
  symlinkSync(linkTarget, join(folder, 'open.html'));
  openInBrowser(address, folder, () => undefined);
  expect(readFileSync(linkTarget, 'utf8')).toBe('unchanged');
  expect(readFileSync(join(folder, 'open.html'), 'utf8')).toContain(address);
});

it('openInBrowser: opens nothing if the folder is not writable', () => {
  const openedUrls: string[] = [];
  const file = join(createTempFolder(), 'file');
  writeFileSync(file, '');
  openInBrowser(address, join(file, 'missing'), (url) => openedUrls.push(url))();
  expect(openedUrls).toEqual([]);
});
