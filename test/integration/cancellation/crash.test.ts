import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Cancellation } from '../../../src-main/contract/index.ts';
import { createIntent } from '../../../src-main/core/cancellation/cancellation-mappers.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  openTestApp,
  reason,
  storeWorkerUrl,
  trackSession,
} from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { spawnApp } from '../../support/spawn-app.ts';

let simulator: SpawnedSimulator;
beforeEach(async () => {
  simulator = await spawnSimulator({ sessionCount: 100 });
});
afterEach(() => simulator.stop());

/** A console with one tracked session, closed again. */
async function createTrackedSession() {
  const [session] = (await simulator.control('listSessions')).filter(
    ({ account, state, connection, subAccount }) =>
      account === 'practice' && state === 'active' && connection === 'xendit' && subAccount === null,
  );
  if (!session) throw new Error('The simulator has no active session.');
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  const before = await openTestApp({ dataFolder, keychain });
  const tracked = await trackSession(before, (await addConnections(before, simulator)).xendit, session);
  await before.close();
  return { session, tracked, dataFolder, keychain };
}

/** Begins a cancel that is never answered, and kills the console while it waits. */
async function killWhileWaiting(processed: boolean) {
  const { session, tracked, dataFolder, keychain } = await createTrackedSession();
  await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed, sessionId: session.id }]);
  const doomed = await spawnApp(dataFolder, [...keychain.entries]);
  void doomed.call('cancellations.request', { sessionKey: tracked.key, reason });
  await simulator.waitForRecord(
    ({ kind, ...record }) => kind === 'cancel_received' && 'id' in record && record.id === session.id,
  );
  await doomed.kill();
  await simulator.control('setFaults', []);
  return { session, tracked, dataFolder, keychain };
}

/** The outcome as the next start finds it, without anybody asking. */
async function settledAfterStart({
  dataFolder,
  keychain,
  tracked,
}: Awaited<ReturnType<typeof createTrackedSession>>): Promise<Cancellation> {
  const app = await openTestApp({ dataFolder, keychain });
  try {
    return await new Promise((resolve, reject) => {
      const look = async () => {
        const { timeline } = await app.handlers['sessions.details']({ sessionKey: tracked.key });
        const entry = timeline.find(({ kind }) => kind === 'cancellation');
        if (entry?.kind === 'cancellation' && !['intended', 'sent', 'unknown'].includes(entry.cancellation.state))
          resolve(entry.cancellation);
      };
      app.on('cancellations.changed', () => void look().catch(reject));
      look().catch(reject);
    });
  } finally {
    await app.close();
  }
}

it('a kill between sent and answered ends with the true outcome, by read-back and without a second cancel', async () => {
  const killed = await killWhileWaiting(true);
  expect(await settledAfterStart(killed)).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back', calls: 1 });
  expect(await simulator.control('countCancelRequests', killed.session.id)).toBe(1);
  expect(await simulator.control('countCancelEffects', killed.session.id)).toBe(1);
});

it('a kill before the provider did anything ends with the session still active, and nothing is sent by itself', async () => {
  const killed = await killWhileWaiting(false);
  expect(await settledAfterStart(killed)).toMatchObject({ state: 'still_active', calls: 1 });
  expect(await simulator.control('countCancelRequests', killed.session.id)).toBe(1);
  expect(await simulator.control('countCancelEffects', killed.session.id)).toBe(0);
});

it('an intent that was never marked as sent ends as not sent, by proof and without a question to the provider', async () => {
  const { session, tracked, dataFolder, keychain } = await createTrackedSession();
  const store = await Store.open(storeWorkerUrl, {
    folder: join(dataFolder, 'work'),
    operator: 'olivia',
    host: 'desk-7',
    auditKey: new Uint8Array(32),
  });
  await store.run('insertIntent', {
    row: createIntent(tracked, reason, 'olivia'),
    audit: { action: 'cancel_intended' },
  });
  await store.close();
  expect(await settledAfterStart({ session, tracked, dataFolder, keychain })).toMatchObject({
    state: 'not_sent',
    cause: 'stopped_before_sending',
    calls: 0,
  });
  expect(await simulator.control('countCancelRequests', session.id)).toBe(0);
});

it('what could not be read back in one run is read back at the next start', async () => {
  const { session, tracked, dataFolder, keychain } = await createTrackedSession();
  const app = await openTestApp({ dataFolder, keychain });
  await simulator.control('setFaults', [
    { route: 'cancel', fault: 'reset', processed: true, sessionId: session.id },
    { route: 'read', fault: 'broken_json', sessionId: session.id },
  ]);
  expect(await app.handlers['cancellations.request']({ sessionKey: tracked.key, reason })).toMatchObject({
    state: 'unknown',
  });
  await app.close();
  await simulator.control('setFaults', []);
  expect(await settledAfterStart({ session, tracked, dataFolder, keychain })).toMatchObject({
    state: 'cancelled',
    confirmedBy: 'read_back',
  });
  expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
});
