import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { controlTokenHeader } from '../../../src-main/core/simulator/index.ts';
import { spawnSimulator } from '../../support/spawn-simulator.ts';
import type { SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { sendRequest, xenditHeaders } from './raw-client.ts';

const simulatorEntry = fileURLToPath(new URL('../../../src-main/core/simulator/cli.ts', import.meta.url));
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

/** The simulator's own command, seen from outside. */
function spawnScript(file: string, ...words: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(file, words);
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

describe('the simulator in another process', () => {
  it('is controlled, answers, and tells its records as they come', async () => {
    const simulator = await spawnTracked({ sessionCount: 0 });
    const { id } = await simulator.control('addSession', { connection: 'xendit' });
    await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true, times: 1 }]);
    const hanging = sendRequest(`${simulator.url}/sessions/${id}/cancel`, { method: 'POST', headers: xenditHeaders });
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
    expect((await hanging).errorCode).toBe('ECONNRESET');
  });

  it('refuses what makes no sense with a sentence, and a stranger with a 404', async () => {
    const simulator = await spawnTracked({ sessionCount: 0 });
    await expect(simulator.control('setFaults', [{ route: 'authorize', fault: 'wrong_id' }])).rejects.toThrow(
      'cannot happen on authorize',
    );
    expect(
      (await sendRequest(`${simulator.url}/_simulator/control/listLogRecords`, { method: 'POST', body: '[]' })).status,
    ).toBe(404);
  });

  it('that was killed goes on where its log ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    folders.push(folder);
    const logFile = join(folder, 'practice.log');
    const first = await spawnTracked({ sessionCount: 0, logFile });
    const { id } = await first.control('addSession', { connection: 'xendit' });
    await first.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true }]);
    const lost = sendRequest(`${first.url}/sessions/${id}/cancel`, { method: 'POST', headers: xenditHeaders });
    await first.waitForRecord((record) => record.kind === 'effect');
    await first.stop('SIGKILL');
    expect((await lost).errorCode).toBe('ECONNRESET');
    const second = await spawnTracked({ logFile });
    expect((await second.control('getSession', id))?.state).toBe('cancelled');
    expect(await second.control('countCancelEffects', id)).toBe(1);
  });

  it('with no room left for its log refuses the change, and its log stays whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    folders.push(folder);
    const logFile = join(folder, 'practice.log');
    const words = `ulimit -f 2; exec "${node}" "${simulatorEntry}" --sessions 0 --control --log "${logFile}"`;
    const child = spawnScript('sh', '-c', words);
    const { url, controlToken } = await waitUntilReady(child);
    const add = (reference: string) =>
      sendRequest(`${url}/_simulator/control/addSession`, {
        method: 'POST',
        headers: { [controlTokenHeader]: controlToken ?? '' },
        body: JSON.stringify([{ connection: 'xendit', reference }]),
      });
    const refused = await add('x'.repeat(3_000));
    expect([refused.status, refused.body]).toEqual([400, '{"message":"There is no room left for the practice log."}']);
    expect((await add('fits')).status).toBe(200);
    child.stdin.end();
    await once(child, 'exit');
    const log = await (await spawnTracked({ logFile })).readLog();
    const kept = log.map((record) => (record.kind === 'added' ? record.session.reference : record.kind));
    expect(kept).toEqual(['started', 'fits']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'serves without input, and ends with 0 on %s with a connection open',
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

  it('ends when its standard input does, as when its parent is gone', async () => {
    const child = spawnScript(node, simulatorEntry, '--sessions', '0');
    await waitUntilReady(child);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('offers no control unless asked to, and says what is wrong with its words', async () => {
    const child = spawnScript(node, simulatorEntry, '--sessions', 'many');
    const [[said], [code]] = await Promise.all([once(child.stderr, 'data'), once(child, 'exit')]);
    expect([String(said), code]).toEqual(['--sessions takes a whole number, not "many".\n', 1]);
    const { url, controlToken } = await waitUntilReady(spawnScript(node, simulatorEntry, '--sessions', '0'));
    expect(controlToken).toBeNull();
    expect((await sendRequest(`${url}/_simulator/control/listLogRecords`, { method: 'POST', body: '[]' })).status).toBe(
      404,
    );
  });
});
