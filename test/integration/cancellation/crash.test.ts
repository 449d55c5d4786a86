import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
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
beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 0 });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.stop());

/** Creates a workspace with one tracked session and closes it. */
async function createTrackedSession() {
  const session = await simulator.control('addSession', { connection: 'xendit' });
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  const app = await openTestApp({ dataFolder, keychain });
  const tracked = await trackSession(app, (await addConnections(app, simulator)).xendit, session);
  await app.close();
  return { session, tracked, dataFolder, keychain };
}

/** Starts a cancellation that gets no response, and kills the app while it waits. */
async function killDuringCancel(processed: boolean) {
  const { session, tracked, dataFolder, keychain } = await createTrackedSession();
  await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed, sessionId: session.id }]);
  const killedApp = await spawnApp(dataFolder, [...keychain.entries]);
  void killedApp.call('cancellations.request', { sessionKey: tracked.key, reason });
  await simulator.waitForRecord(
    ({ kind, ...record }) => kind === 'cancel_received' && 'id' in record && record.id === session.id,
  );
  await killedApp.kill();
  await simulator.control('setFaults', []);
  return { session, tracked, dataFolder, keychain };
}

/** Starts the app and returns the settled cancellation, without any action of an operator. */
async function recoverAfterStart({
  dataFolder,
  keychain,
  tracked,
}: Awaited<ReturnType<typeof createTrackedSession>>): Promise<Cancellation> {
  const app = await openTestApp({ dataFolder, keychain });
  try {
    return await new Promise((resolve, reject) => {
      const checkTimeline = async () => {
        const { timeline } = await app.handlers['sessions.getDetails']({ sessionKey: tracked.key });
        const entry = timeline.find(({ kind }) => kind === 'cancellation');
        if (entry?.kind === 'cancellation' && !['intended', 'sent', 'unknown'].includes(entry.cancellation.state))
          resolve(entry.cancellation);
      };
      app.on('cancellations.changed', () => void checkTimeline().catch(reject));
      checkTimeline().catch(reject);
    });
  } finally {
    await app.close();
  }
}

it('kill after the request took effect: the next start reads back cancelled, without a second request', async () => {
  const killed = await killDuringCancel(true);
  expect(await recoverAfterStart(killed)).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back', calls: 1 });
  expect(await simulator.control('countCancelRequests', killed.session.id)).toBe(1);
  expect(await simulator.control('countCancelEffects', killed.session.id)).toBe(1);
});

it('kill before the request took effect: the next start finds still_active and sends nothing', async () => {
  const killed = await killDuringCancel(false);
  expect(await recoverAfterStart(killed)).toMatchObject({ state: 'still_active', calls: 1 });
  expect(await simulator.control('countCancelRequests', killed.session.id)).toBe(1);
  expect(await simulator.control('countCancelEffects', killed.session.id)).toBe(0);
});

it('kill before the mark sent: the outcome is not_sent, without a request to the provider', async () => {
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
  expect(await recoverAfterStart({ session, tracked, dataFolder, keychain })).toMatchObject({
    state: 'not_sent',
    cause: 'stopped_before_sending',
    calls: 0,
  });
  expect(await simulator.control('countCancelRequests', session.id)).toBe(0);
});

it('unknown outcome: a session that could not be read back is read back at the next start', async () => {
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
  expect(await recoverAfterStart({ session, tracked, dataFolder, keychain })).toMatchObject({
    state: 'cancelled',
    confirmedBy: 'read_back',
  });
  expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
});
