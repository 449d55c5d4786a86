import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Cancellation } from '../../../src-main/contract/index.ts';
import { intentOf } from '../../../src-main/core/cancellation/cancellation-mappers.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import { connect, freshFolder, memoryKeychain, openTestDesk, reason, storeWorker, track } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { spawnDesk } from '../../support/spawn-app.ts';

let simulator: SpawnedSimulator;
beforeEach(async () => {
  simulator = await spawnSimulator({ sessions: 100 });
});
afterEach(() => simulator.stop());

/** A console with one tracked session, closed again. */
async function tracking() {
  const [session] = (await simulator.control('sessions')).filter(
    ({ account, state, connection, subAccount }) =>
      account === 'practice' && state === 'active' && connection === 'xendit' && subAccount === null,
  );
  if (!session) throw new Error('The simulator has no active session.');
  const dataFolder = freshFolder();
  const keychain = memoryKeychain();
  const before = await openTestDesk({ dataFolder, keychain });
  const tracked = await track(before, (await connect(before, simulator)).xendit, session);
  await before.close();
  return { session, tracked, dataFolder, keychain };
}

/** Begins a cancel that is never answered, and kills the console while it waits. */
async function killWhileWaiting(processed: boolean) {
  const { session, tracked, dataFolder, keychain } = await tracking();
  await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed, sessionId: session.id }]);
  const doomed = await spawnDesk(dataFolder, [...keychain.entries]);
  void doomed.call('cancellations.request', { sessionKey: tracked.key, reason });
  await simulator.record(
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
}: Awaited<ReturnType<typeof tracking>>): Promise<Cancellation> {
  const desk = await openTestDesk({ dataFolder, keychain });
  try {
    return await new Promise((resolve, reject) => {
      const look = async () => {
        const { timeline } = await desk.handlers['sessions.story']({ sessionKey: tracked.key });
        const entry = timeline.find(({ kind }) => kind === 'cancellation');
        if (entry?.kind === 'cancellation' && !['intended', 'sent', 'unknown'].includes(entry.cancellation.state))
          resolve(entry.cancellation);
      };
      desk.on('cancellations.changed', () => void look().catch(reject));
      look().catch(reject);
    });
  } finally {
    await desk.close();
  }
}

it('a kill between sent and answered ends with the true outcome, by read-back and without a second cancel', async () => {
  const killed = await killWhileWaiting(true);
  expect(await settledAfterStart(killed)).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back', calls: 1 });
  expect(await simulator.control('cancelRequests', killed.session.id)).toBe(1);
  expect(await simulator.control('cancelEffects', killed.session.id)).toBe(1);
});

it('a kill before the provider did anything ends with the session still active, and nothing is sent by itself', async () => {
  const killed = await killWhileWaiting(false);
  expect(await settledAfterStart(killed)).toMatchObject({ state: 'still_active', calls: 1 });
  expect(await simulator.control('cancelRequests', killed.session.id)).toBe(1);
  expect(await simulator.control('cancelEffects', killed.session.id)).toBe(0);
});

it('an intent that was never marked as sent ends as not sent, by proof and without a question to the provider', async () => {
  const { session, tracked, dataFolder, keychain } = await tracking();
  const store = await Store.open(storeWorker, {
    folder: join(dataFolder, 'work'),
    operator: 'olivia',
    host: 'desk-7',
    auditKey: new Uint8Array(32),
  });
  await store.run('intend', { row: intentOf(tracked, reason, 'olivia'), audit: { action: 'cancel_intended' } });
  await store.close();
  expect(await settledAfterStart({ session, tracked, dataFolder, keychain })).toMatchObject({
    state: 'not_sent',
    cause: 'stopped_before_sending',
    calls: 0,
  });
  expect(await simulator.control('cancelRequests', session.id)).toBe(0);
});

it('what could not be read back in one run is read back at the next start', async () => {
  const { session, tracked, dataFolder, keychain } = await tracking();
  const desk = await openTestDesk({ dataFolder, keychain });
  await simulator.control('setFaults', [
    { route: 'cancel', fault: 'reset', processed: true, sessionId: session.id },
    { route: 'read', fault: 'broken_json', sessionId: session.id },
  ]);
  expect(await desk.handlers['cancellations.request']({ sessionKey: tracked.key, reason })).toMatchObject({
    state: 'unknown',
  });
  await desk.close();
  await simulator.control('setFaults', []);
  expect(await settledAfterStart({ session, tracked, dataFolder, keychain })).toMatchObject({
    state: 'cancelled',
    confirmedBy: 'read_back',
  });
  expect(await simulator.control('cancelRequests', session.id)).toBe(1);
});
