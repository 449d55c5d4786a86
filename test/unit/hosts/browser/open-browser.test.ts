import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { getOpenCommand, openInBrowser } from '../../../../src-main/hosts/browser/open-browser.ts';

function createTempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'opener-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const address = 'http://127.0.0.1:4711/open?code=once';

it('hands the address to the program of the system as one argument, without a shell', () => {
  const url = 'http://127.0.0.1:4711/a&b';
  expect(getOpenCommand('linux', url)).toEqual({ command: 'xdg-open', args: [url] });
  expect(getOpenCommand('darwin', url)).toEqual({ command: 'open', args: [url] });
  expect(getOpenCommand('win32', url)).toEqual({ command: 'rundll32', args: ['url.dll,FileProtocolHandler', url] });
});

// Verifies B-09.
it('opens a page that this user alone can read, so that the one-time address is in no list of processes', () => {
  const opened: string[] = [];
  const takeAway = openInBrowser(address, createTempFolder(), (url) => opened.push(url));
  expect(opened).toEqual([expect.stringMatching(/^file:\/\/\/.*\/open\.html$/)]);
  expect(opened[0]).not.toContain('once');
  const file = fileURLToPath(opened[0] ?? '');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(`content="0; url=${address}"`);
  takeAway();
  expect(existsSync(file)).toBe(false);
});

// Verifies B-09, F-03.
it('replaces a page that a killed run left, and does not write through a link', () => {
  const place = createTempFolder();
  const elsewhere = join(createTempFolder(), 'precious');
  writeFileSync(elsewhere, 'precious');
  symlinkSync(elsewhere, join(place, 'open.html'));
  openInBrowser(address, place, () => undefined);
  expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
  expect(readFileSync(join(place, 'open.html'), 'utf8')).toContain(address);
});

it('opens nothing where the folder takes no files: the address is printed', () => {
  const opened: string[] = [];
  openInBrowser(address, join(createTempFolder(), 'gone'), (url) => opened.push(url))();
  expect(opened).toEqual([]);
});
