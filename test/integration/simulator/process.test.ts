import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { controlTokenHeader } from '../../../src-main/core/simulator/index.ts';
import { spawnSimulator } from '../../support/spawn-simulator.ts';
import type { SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { testProcessFile } from '../../support/test-processes.ts';
import { sendRequest, xenditHeaders } from './raw-client.ts';

const simulatorEntry = testProcessFile('simulator');
const runningSimulators: SpawnedSimulator[] = [];
const children: ChildProcessWithoutNullStreams[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(runningSimulators.splice(0).map((simulator) => simulator.stop('SIGKILL')));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
async function spawnTracked(...options: Parameters<typeof spawnSimulator>): Promise<SpawnedSimulator> {
  const simulator = await spawnSimulator(...options);
  runningSimulators.push(simulator);
  return simulator;
}

/** Starts the command line of the simulator as a child process. */
function spawnScript(file: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(file, args);
  children.push(child);
  return child;
}
async function waitUntilReady(
  child: ChildProcessWithoutNullStreams,
): Promise<{ url: string; controlToken: string | null }> {
  const [line] = await once(child.stdout, 'data');
  return JSON.parse(String(line)) as { url: string; controlToken: string | null };
}
const node = process.execPath;

describe('simulator process', () => {
  it('control: commands, requests and log records work across processes', async () => {
    const simulator = await spawnTracked({ sessionCount: 0 });
    const { id } = await simulator.control('addSession', { connection: 'xendit' });
    await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true, times: 1 }]);
    const pendingResponse = sendRequest(`${simulator.url}/sessions/${id}/cancel`, {
      method: 'POST',
      headers: xenditHeaders,
    });
    expect(await simulator.waitForRecord((record) => record.kind === 'cancel_answered')).toMatchObject({
      id,
      how: 'hung',
    });
    expect((await simulator.control('getSession', id))?.state).toBe('cancelled');
    expect((await simulator.readLog()).map((record) => record.kind)).toEqual([
      'started',
      'added',
      'cancel_received',
      'effect',
      'cancel_answered',
    ]);
    await simulator.stop();
    expect((await pendingResponse).errorCode).toBe('ECONNRESET');
  });

  it('control: an invalid rule is refused with a text, and a request without the token gets 404', async () => {
    const simulator = await spawnTracked({ sessionCount: 0 });
    await expect(simulator.control('setFaults', [{ route: 'authorize', fault: 'wrong_id' }])).rejects.toThrow(
      'cannot occur on the route authorize',
    );
    expect(
      (await sendRequest(`${simulator.url}/_simulator/control/listLogRecords`, { method: 'POST', body: '[]' })).status,
    ).toBe(404);
  });

  it('restart after a kill: continues from the log', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    folders.push(folder);
    const logFile = join(folder, 'practice.log');
    const first = await spawnTracked({ sessionCount: 0, logFile });
    const { id } = await first.control('addSession', { connection: 'xendit' });
    await first.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true }]);
    const lostResponse = sendRequest(`${first.url}/sessions/${id}/cancel`, { method: 'POST', headers: xenditHeaders });
    await first.waitForRecord((record) => record.kind === 'effect');
    await first.stop('SIGKILL');
    expect((await lostResponse).errorCode).toBe('ECONNRESET');
    const second = await spawnTracked({ logFile });
    expect((await second.control('getSession', id))?.state).toBe('cancelled');
    expect(await second.control('countCancelEffects', id)).toBe(1);
  });

  it('full disk: the change is refused and the log stays valid', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    folders.push(folder);
    const logFile = join(folder, 'practice.log');
    const script = `ulimit -f 2; exec "${node}" "${simulatorEntry}" --sessions 0 --control --log "${logFile}"`;
    const child = spawnScript('sh', '-c', script);
    const { url, controlToken } = await waitUntilReady(child);
    const add = (reference: string) =>
      sendRequest(`${url}/_simulator/control/addSession`, {
        method: 'POST',
        headers: { [controlTokenHeader]: controlToken ?? '' },
        body: JSON.stringify([{ connection: 'xendit', reference }]),
      });
    const refused = await add('x'.repeat(3_000));
    expect([refused.status, refused.body]).toEqual([
      400,
      '{"message":"The disk is full. The practice log could not be written."}',
    ]);
    expect((await add('fits')).status).toBe(200);
    child.stdin.end();
    await once(child, 'exit');
    const log = await (await spawnTracked({ logFile })).readLog();
    const entries = log.map((record) => (record.kind === 'added' ? record.session.reference : record.kind));
    expect(entries).toEqual(['started', 'fits']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'command line: runs without standard input, and exits with 0 on %s despite an open connection',
    async (signal) => {
      const child = spawnScript('sh', '-c', `exec "${node}" "${simulatorEntry}" --sessions 0 < /dev/null`);
      const { port } = new URL((await waitUntilReady(child)).url);
      const socket = createConnection(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      socket.destroy();
    },
  );

  it('command line: exits when standard input closes, as after the end of the parent process', async () => {
    const child = spawnScript(node, simulatorEntry, '--sessions', '0');
    await waitUntilReady(child);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('command line: has no control without --control, and reports an invalid option', async () => {
    const child = spawnScript(node, simulatorEntry, '--sessions', 'many');
    const [[stderr], [exitCode]] = await Promise.all([once(child.stderr, 'data'), once(child, 'exit')]);
    expect([String(stderr), exitCode]).toEqual([
      '--sessions requires a whole number. "many" is not a whole number.\n',
      1,
    ]);
    const { url, controlToken } = await waitUntilReady(spawnScript(node, simulatorEntry, '--sessions', '0'));
    expect(controlToken).toBeNull();
    expect((await sendRequest(`${url}/_simulator/control/listLogRecords`, { method: 'POST', body: '[]' })).status).toBe(
      404,
    );
  });
});
