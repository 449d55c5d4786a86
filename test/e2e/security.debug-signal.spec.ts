/** Sends SIGUSR1, which starts Node's debugger, to the browser host as an operator starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findListeningPorts } from '../support/listening-ports.ts';
import { expect, test } from './fixtures.ts';

const debuggerPort = 9_229;

const canConnect = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });

// Verifies S-14.
if (process.platform === 'linux')
  test('SIGUSR1: the browser host opens no debugger and still responds', async ({ dataFolder }) => {
    const child = spawn(process.execPath, ['src-main/hosts/start.ts', '--no-build', '--browser', '--no-open'], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      env: { ...process.env, SESSION_DESK_DATA: dataFolder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    let errorOutput = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
    try {
      let origin: string | undefined;
      for await (const line of createInterface({ input: child.stdout })) {
        origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (origin !== undefined) break;
      }
      const requestPage = async () => (await fetch(`${origin ?? ''}/`)).status;
      expect(await requestPage()).toBe(401);
      const portsBefore = findListeningPorts(child.pid ?? 0);
      expect(portsBefore).toEqual([Number(new URL(origin ?? '').port)]);
      for (let count = 0; count < 20; count += 1) {
        child.kill('SIGUSR1');
        expect(await requestPage()).toBe(401);
      }
      expect(findListeningPorts(child.pid ?? 0)).toEqual(portsBefore);
      expect(await canConnect(debuggerPort)).toBe(false);
      expect(errorOutput).not.toContain('Debugger');
    } finally {
      child.kill('SIGINT');
      await exited;
    }
  });
