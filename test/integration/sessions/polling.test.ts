import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Session, SessionStatus } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, freshFolder, memoryKeychain, openTestDesk, track } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let desk: Desk;
let connections: Record<'flinks' | 'xendit', Connection>;
const options = { dataFolder: freshFolder(), keychain: memoryKeychain(), watchEveryMs: 100 };

beforeEach(async () => {
  simulator = await spawnSimulator({ sessions: 100 });
  Object.assign(options, { dataFolder: freshFolder(), keychain: memoryKeychain() });
  desk = await openTestDesk(options);
  connections = await connect(desk, simulator);
});
afterEach(async () => {
  await desk.close();
  await simulator.stop();
});

async function trackActive(provider: 'flinks' | 'xendit'): Promise<Session> {
  const session = (await simulator.control('sessions')).find(
    ({ account, connection, state, subAccount }) =>
      account === 'practice' && connection === provider && state === 'active' && subAccount === null,
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await track(desk, connections[provider], session);
}

/** A reading later than the one in hand: the push of that may still be on its way. */
function becomes({ key, lastCheckedAt }: Session, status: SessionStatus): Promise<Session> {
  return new Promise((resolve) => {
    const end = desk.on('sessions.changed', ({ rows }) => {
      const row = rows.find(
        (each) => each.key === key && each.status === status && (each.lastCheckedAt ?? '') > (lastCheckedAt ?? ''),
      );
      if (!row) return;
      end();
      resolve(row);
    });
  });
}

const reads = async (id: string) =>
  (await simulator.control('requests')).filter((request) => request.route === 'read' && request.id === id).length;
const checks = async () =>
  (await desk.handlers['audit.page']({ before: null, limit: 100 })).rows.filter(
    ({ action }) => action === 'session_checked',
  );

describe('watching', () => {
  it('notices a payment, puts only the change on record, and lets go of what is final', async () => {
    const session = await trackActive('flinks');
    expect(await desk.handlers['watching.change']({ sessionKeys: [session.key], watched: true })).toMatchObject({
      chosen: [session.key],
      watched: 1,
      recent: false,
    });
    await becomes(session, 'active');
    expect(await checks()).toHaveLength(0);
    const paid = becomes(session, 'completed');
    await simulator.control('setState', session.id, 'completed');
    expect((await paid).lastCheckedAt).not.toBeNull();
    expect(await desk.handlers['watching.state']({})).toMatchObject({ chosen: [], watched: 0 });
    expect(await checks()).toMatchObject([{ sessionKey: session.key, outcome: 'completed' }]);
  });

  it('watches what was added lately where that is asked for, and nothing unasked', async () => {
    const session = await trackActive('flinks');
    const before = await reads(session.id);
    expect(await desk.handlers['watching.state']({})).toMatchObject({ chosen: [], watched: 0 });
    expect(await desk.handlers['watching.change']({ sessionKeys: [], watched: true, recent: true })).toMatchObject({
      recent: true,
      watched: 1,
    });
    await becomes(session, 'active');
    expect(await reads(session.id)).toBeGreaterThan(before);
  });

  it('remembers what was chosen, and forgets what was let go', async () => {
    const session = await trackActive('xendit');
    await desk.handlers['watching.change']({ sessionKeys: [session.key], watched: true });
    await desk.close();
    desk = await openTestDesk({ ...options, watchEveryMs: 60_000 });
    expect(await desk.handlers['watching.state']({})).toMatchObject({ chosen: [session.key] });
    expect(await desk.handlers['watching.change']({ sessionKeys: [session.key], watched: false })).toMatchObject({
      chosen: [],
      watched: 0,
    });
    await expect(
      desk.handlers['watching.change']({
        sessionKeys: Array.from({ length: 51 }, (_, index) => index + 1),
        watched: true,
      }),
    ).rejects.toMatchObject({ code: 'watch_refused' });
  });

  it('leaves a connection alone whose secret cannot be had, and says why', async () => {
    const session = await trackActive('xendit');
    options.keychain.entries.delete(
      [...options.keychain.entries.keys()].find((name) => name.endsWith(connections.xendit.id)) ?? '',
    );
    await desk.handlers['watching.change']({ sessionKeys: [session.key], watched: true });
    const paused = new Promise<void>((resolve) => void desk.on('connections.changed', () => resolve()));
    await paused;
    await expect
      .poll(async () => (await desk.handlers['watching.state']({})).paused)
      .toMatchObject([{ connectionName: 'Xendit ID' }]);
    expect(await reads(session.id)).toBe(1);
  });

  it('keeps still while the provider asks to wait', async () => {
    const session = await trackActive('xendit');
    await simulator.control('setFaults', [
      { route: 'read', fault: 'throttled', provider: 'xendit', waitSeconds: 3_000 },
    ]);
    await desk.handlers['sessions.refresh']({ sessionKey: session.key }).catch(() => undefined);
    const before = await reads(session.id);
    const other = await trackActive('flinks');
    await desk.handlers['watching.change']({ sessionKeys: [session.key, other.key], watched: true });
    let last = other;
    for (let round = 0; round < 2; round += 1) last = await becomes(last, 'active');
    expect(await reads(session.id)).toBe(before);
  });
});
