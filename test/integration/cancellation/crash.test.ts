import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Cancellation } from '../../../src-main/contract/index.ts';
import { connect, freshFolder, memoryKeychain, openTestDesk, reason, track } from '../../support/desk.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/simulator.ts';
import { spawnDesk } from '../../support/spawn-desk.ts';

let simulator: SpawnedSimulator;
beforeEach(async () => {
  simulator = await spawnSimulator({ sessions: 100 });
});
afterEach(() => simulator.stop());

/** Begins a cancel that is never answered, and kills the console while it waits. */
async function killWhileWaiting(processed: boolean) {
  const [session] = (await simulator.control('sessions')).filter(
    ({ account, state, connection, subAccount }) => account === 'practice' && state === 'active' && connection === 'xendit' && subAccount === null,
  );
  if (!session) throw new Error('The simulator has no active session.');
  const dataFolder = freshFolder();
  const keychain = memoryKeychain();
  const before = await openTestDesk({ dataFolder, keychain });
  const tracked = await track(before, (await connect(before, simulator)).xendit, session);
  await before.close();

  await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed, sessionId: session.id }]);
  const doomed = await spawnDesk(dataFolder, [...keychain.entries]);
  void doomed.call('cancellations.request', { sessionKey: tracked.key, reason });
  await simulator.record(({ kind, ...record }) => kind === 'cancel_received' && 'id' in record && record.id === session.id);
  await doomed.kill();
  await simulator.control('setFaults', []);
  return { session, tracked, dataFolder, keychain };
}

/** The outcome as the next start finds it, without anybody asking. */
async function settledAfterStart({ dataFolder, keychain, tracked }: Awaited<ReturnType<typeof killWhileWaiting>>): Promise<Cancellation> {
  const desk = await openTestDesk({ dataFolder, keychain });
  try {
    return await new Promise((resolve, reject) => {
      const look = async () => {
        const { timeline } = await desk.handlers['sessions.story']({ sessionKey: tracked.key });
        const entry = timeline.find(({ kind }) => kind === 'cancellation');
        if (entry?.kind === 'cancellation' && !['sent', 'unknown'].includes(entry.cancellation.state)) resolve(entry.cancellation);
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
