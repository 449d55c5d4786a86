/** The browser host as an operator starts it, with a substitute for the program that opens the browser. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumLaunchOptions } from '../support/chromium.ts';
import { expect, test } from './fixtures.ts';
import { nonEmpty } from '../support/non-empty.ts';

const readAllProcessArguments = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });

// Verifies B-09.
if (process.platform === 'linux')
  test('open browser: a temporary page on disk redirects, and the code is in no process list', async ({
    dataFolder,
    playwright,
  }) => {
    const told = join(dataFolder, 'told');
    const tools = join(dataFolder, 'tools');
    mkdirSync(tools);
    writeFileSync(
      join(tools, 'xdg-open'),
      `#!/bin/sh\nprintf %s "$1" >'${told}.new' && mv '${told}.new' '${told}'\nsleep 5\n`,
      { mode: 0o755 },
    );
    const data = join(dataFolder, 'data');
    const env = { ...process.env, SESSION_DESK_DATA: data, PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` };
    const project = fileURLToPath(new URL('../../', import.meta.url));
    const child = spawn(process.execPath, ['src-main/hosts/start.ts', '--no-build', '--browser'], {
      cwd: project,
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const exited = once(child, 'exit');
    const browser = await playwright.chromium.launch(chromiumLaunchOptions());
    try {
      await expect.poll(() => existsSync(told)).toBe(true);
      const opened = readFileSync(told, 'utf8');
      expect(opened).toBe(`file://${join(data, 'open.html')}`);
      const all = readAllProcessArguments();
      // The code of this run: other processes can have a code of their own.
      const code = /code=([\w-]{16,})/.exec(readFileSync(join(data, 'open.html'), 'utf8'))?.[1];
      if (code === undefined) throw new Error('The page on the disk leads in with no code.');
      expect(all.some((line) => line.includes('open.html'))).toBe(true);
      expect(nonEmpty(all).filter((line) => line.includes(code))).toEqual([]);
      const page = await browser.newPage();
      await page.goto(opened);
      await expect(page.getByRole('navigation').first()).toBeVisible();
      expect(new URL(page.url()).hostname).toBe('127.0.0.1');
      expect(existsSync(join(data, 'open.html'))).toBe(false);
    } finally {
      await browser.close();
      child.kill('SIGINT');
      await exited;
    }
  });
