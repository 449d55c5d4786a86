import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, trainingReferences } from '../../../src-main/core/simulator/index.ts';
import type { Simulator } from '../../../src-main/core/simulator/index.ts';
import { sendRequest, xenditHeaders } from './raw-client.ts';

let folder: string;
let logFile: string;
const runningSimulators: Simulator[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'practice-'));
  logFile = join(folder, 'practice.log');
});
afterEach(async () => {
  await Promise.all(runningSimulators.splice(0).map((simulator) => simulator.close()));
  rmSync(folder, { recursive: true });
});
async function startTracked(options: Parameters<typeof startSimulator>[0] = {}): Promise<Simulator> {
  const simulator = await startSimulator({ logFile, sessionCount: 100, ...options });
  runningSimulators.push(simulator);
  return simulator;
}
const cancel = (simulator: Simulator, id: string) =>
  sendRequest(`${simulator.url}/sessions/${id}/cancel`, { method: 'POST', headers: xenditHeaders });
const findByReference = (simulator: Simulator, reference: string) =>
  simulator.listSessions().find((session) => session.reference === reference)?.id ?? '';

describe('practice that is started again', () => {
  it('stays as it was left: cancelled, changed, added and listed', async () => {
    const first = await startTracked({ seed: 7, bulkSessionCount: 20 });
    const id = findByReference(first, trainingReferences.plainXendit);
    expect((await cancel(first, id)).status).toBe(200);
    first.setState(findByReference(first, trainingReferences.plainFlinks), 'completed');
    first.addSession({ connection: 'flinks', reference: 'added' });
    const left = first.listSessions();
    const listed = first.listMerchantSessions();
    await first.close();

    const second = await startTracked({ seed: 8, sessionCount: 50, bulkSessionCount: 30 });
    expect(second.listSessions()).toEqual(left);
    expect(second.listMerchantSessions()).toEqual(listed);
    expect([second.countCancelRequests(id), second.countCancelEffects(id)]).toEqual([1, 1]);
    expect((await cancel(second, id)).status).toBe(422);
    const received = second.listLogRecords().filter((record) => record.kind === 'cancel_received');
    expect(received.map((record) => record.request)).toEqual([1, 2]);
  });

  it('forgets a last line that a crash cut short, and writes on behind the whole ones', async () => {
    const first = await startTracked();
    const { id } = first.addSession({ connection: 'flinks' });
    await first.close();
    appendFileSync(logFile, '{"at":"2026-11-20T14:00:00.000Z","kind":"eff');
    const second = await startTracked();
    second.setState(id, 'completed');
    await second.close();
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(['started', 'added', 'effect']);
    expect((await startTracked()).getSession(id)?.state).toBe('completed');
  });

  it('refuses a damaged log and says which, and leaves it as it is', async () => {
    writeFileSync(logFile, 'nonsense\n{}\n');
    await expect(startTracked()).rejects.toThrow(
      `The practice log ${logFile} is damaged. Move it away to begin practice afresh.`,
    );
    writeFileSync(logFile, '{"kind":"redirect_followed"}\n');
    await expect(startTracked()).rejects.toThrow('does not begin with its first line');
    expect(readFileSync(logFile, 'utf8')).toBe('{"kind":"redirect_followed"}\n');
  });

  it('keeps its log from other users', async () => {
    await startTracked();
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });
});
