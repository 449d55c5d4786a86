/** Sends SIGUSR1, which starts Node's debugger, to the window. Playwright would start it with a debugger. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronLaunchOptions } from '../support/launch-hosts.ts';
import { findListeningPorts } from '../support/listening-ports.ts';
import { expect, test } from './fixtures.ts';

// Verifies S-14.
if (process.platform === 'linux')
  test('SIGUSR1: the window opens no debugger and still responds', async ({ dataFolder }) => {
    const { executablePath, switches, appFolder } = electronLaunchOptions();
    const start = () =>
      spawn(executablePath, [...switches, fileURLToPath(new URL('../support/electron-loader', import.meta.url))], {
        env: { ...process.env, SESSION_DESK_DATA: dataFolder, SESSION_DESK_FOLDER: appFolder },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    const child = start();
    const exited = once(child, 'close');
    let errorOutput = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
    try {
      await expect.poll(() => existsSync(join(dataFolder, 'work', 'desk.sqlite'))).toBe(true);
      for (let count = 0; count < 20; count += 1) child.kill('SIGUSR1');
      // A second start exits after the first process has responded to it.
      expect(await once(start(), 'exit')).toEqual([0, null]);
      expect(findListeningPorts(child.pid ?? 0)).toEqual([]);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
    expect(errorOutput).not.toContain('Debugger');
  });
