import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { controlHeader } from '../../../src-main/core/practice/index.ts';
import { spawnSimulator } from '../../support/simulator.ts';
import type { SpawnedSimulator } from '../../support/simulator.ts';
import { ask, xenditHeaders } from './client.ts';

const serve = fileURLToPath(new URL('../../../src-main/core/practice/serve.ts', import.meta.url));
const running: SpawnedSimulator[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.stop('SIGKILL')));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
async function spawned(...options: Parameters<typeof spawnSimulator>): Promise<SpawnedSimulator> {
  const simulator = await spawnSimulator(...options);
  running.push(simulator);
  return simulator;
}

describe('the simulator in another process', () => {
  it('is controlled, answers, and tells its records as they come', async () => {
    const simulator = await spawned({ sessions: 0 });
    const { id } = await simulator.control('addSession', { connection: 'xendit' });
    await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true, times: 1 }]);
    const hanging = ask(`${simulator.url}/sessions/${id}/cancel`, { method: 'POST', headers: xenditHeaders });
    expect(await simulator.record((record) => record.kind === 'cancel_answered')).toMatchObject({ id, how: 'hung' });
    expect((await simulator.control('session', id))?.state).toBe('cancelled');
    expect((await simulator.log()).map((record) => record.kind))
      .toEqual(['started', 'added', 'cancel_received', 'effect', 'cancel_answered']);
    await simulator.stop();
    expect((await hanging).failure).toBe('ECONNRESET');
  });

  it('refuses what makes no sense with a sentence, and a stranger with a 404', async () => {
    const simulator = await spawned({ sessions: 0 });
    await expect(simulator.control('setFaults', [{ route: 'authorize', fault: 'wrong_id' }]))
      .rejects.toThrow('cannot happen on authorize');
    expect((await ask(`${simulator.url}/_simulator/control/records`, { method: 'POST', body: '[]' })).status).toBe(404);
  });

  it('that was killed goes on where its log ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    folders.push(folder);
    const logFile = join(folder, 'practice.log');
    const first = await spawned({ sessions: 0, logFile });
    const { id } = await first.control('addSession', { connection: 'xendit' });
    await first.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true }]);
    const lost = ask(`${first.url}/sessions/${id}/cancel`, { method: 'POST', headers: xenditHeaders });
    await first.record((record) => record.kind === 'effect');
    await first.stop('SIGKILL');
    expect((await lost).failure).toBe('ECONNRESET');
    const second = await spawned({ logFile });
    expect((await second.control('session', id))?.state).toBe('cancelled');
    expect(await second.control('cancelEffects', id)).toBe(1);
  });

  it('with no room left for its log refuses the change, and its log stays whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    folders.push(folder);
    const logFile = join(folder, 'practice.log');
    const words = `ulimit -f 2; exec "${process.execPath}" "${serve}" --sessions 0 --control --log "${logFile}"`;
    const child = spawn('sh', ['-c', words], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data') as [Buffer];
    const { url, controlToken } = JSON.parse(line.toString()) as { url: string; controlToken: string };
    const add = () => ask(`${url}/_simulator/control/addSession`, {
      method: 'POST', headers: { [controlHeader]: controlToken }, body: '[{"connection":"xendit"}]',
    });
    let accepted = 0;
    let last = await add();
    for (; last.status === 200; last = await add()) accepted += 1;
    expect([last.status, last.text]).toEqual([400, '{"message":"There is no room left for the practice log."}']);
    child.stdin.end();
    await once(child, 'exit');
    expect(accepted).toBeGreaterThan(0);
    const again = await spawned({ logFile });
    expect((await again.log()).filter((record) => record.kind === 'added')).toHaveLength(accepted);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, although a connection is open', async (signal) => {
    const child = spawn(process.execPath, [serve, '--sessions', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data') as [Buffer];
    const { port } = new URL((JSON.parse(line.toString()) as { url: string }).url);
    const socket = createConnection(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    socket.destroy();
  });

  it('ends when its standard input does, as when its parent is gone', async () => {
    const child = spawn(process.execPath, [serve, '--sessions', '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('offers no control unless asked to, and says what is wrong with its words', async () => {
    const child = spawn(process.execPath, [serve, '--sessions', 'many'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [[said], [code]] = await Promise.all([once(child.stderr, 'data'), once(child, 'exit')]);
    expect([String(said), code]).toEqual(['--sessions takes a whole number, not "many".\n', 1]);
    const bare = spawn(process.execPath, [serve, '--sessions', '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(bare.stdout, 'data') as [Buffer];
    const { url, controlToken } = JSON.parse(line.toString()) as { url: string; controlToken: null };
    expect(controlToken).toBeNull();
    expect((await ask(`${url}/_simulator/control/records`, { method: 'POST', body: '[]' })).status).toBe(404);
    bare.stdin.end();
    await once(bare, 'exit');
  });
});
