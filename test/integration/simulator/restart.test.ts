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

describe('restart of the simulator', () => {
  it('restart: cancelled, changed and added sessions and the merchant list are restored', async () => {
    const first = await startTracked({ seed: 7, bulkSessionCount: 20 });
    const id = findByReference(first, trainingReferences.plainXendit);
    expect((await cancel(first, id)).status).toBe(200);
    first.setState(findByReference(first, trainingReferences.plainFlinks), 'completed');
    first.addSession({ connection: 'flinks', reference: 'added' });
    const sessions = first.listSessions();
    const merchantSessions = first.listMerchantSessions();
    await first.close();

    const second = await startTracked({ seed: 8, sessionCount: 50, bulkSessionCount: 30 });
    expect(second.listSessions()).toEqual(sessions);
    expect(second.listMerchantSessions()).toEqual(merchantSessions);
    expect([second.countCancelRequests(id), second.countCancelEffects(id)]).toEqual([1, 1]);
    expect((await cancel(second, id)).status).toBe(422);
    const received = second.listLogRecords().filter((record) => record.kind === 'cancel_received');
    expect(received.map((record) => record.request)).toEqual([1, 2]);
  });

  it('restart: an incomplete last line of the log is removed, and the log continues', async () => {
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

  it('restart: a damaged log is refused with its file name and not changed', async () => {
    writeFileSync(logFile, 'nonsense\n{}\n');
    await expect(startTracked()).rejects.toThrow(
      `The practice log ${logFile} is damaged. Move the file to another folder to start practice again.`,
    );
    writeFileSync(logFile, '{"kind":"redirect_followed"}\n');
    await expect(startTracked()).rejects.toThrow('The first line of the practice log is missing.');
    expect(readFileSync(logFile, 'utf8')).toBe('{"kind":"redirect_followed"}\n');
  });

  it('log file: is readable only by its owner', async () => {
    await startTracked();
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });
});
