import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Session, SessionStatus } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, createTempFolder, memoryKeychain, openTestApp, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;
const appOptions = { dataFolder: createTempFolder(), keychain: memoryKeychain(), pollIntervalMs: 100 };

beforeEach(async () => {
  simulator = await spawnSimulator({ sessionCount: 100 });
  Object.assign(appOptions, { dataFolder: createTempFolder(), keychain: memoryKeychain() });
  app = await openTestApp(appOptions);
  connections = await addConnections(app, simulator);
});
afterEach(async () => {
  await app.close();
  await simulator.stop();
});

async function trackActiveSession(provider: 'flinks' | 'xendit'): Promise<Session> {
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state, subAccount }) =>
      account === 'practice' && connection === provider && state === 'active' && subAccount === null,
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await trackSession(app, connections[provider], session);
}

/** A reading later than the one in hand: the push of that may still be on its way. */
function waitForStatus({ key, lastCheckedAt }: Session, status: SessionStatus): Promise<Session> {
  return new Promise((resolve) => {
    const end = app.on('sessions.changed', ({ rows }) => {
      const row = rows.find(
        (each) => each.key === key && each.status === status && (each.lastCheckedAt ?? '') > (lastCheckedAt ?? ''),
      );
      if (!row) return;
      end();
      resolve(row);
    });
  });
}

const readRequests = async (id: string) =>
  (await simulator.control('listRequests')).filter((request) => request.route === 'read' && request.id === id).length;
const checkedRecords = async () =>
  (await app.handlers['audit.page']({ before: null, limit: 100 })).rows.filter(
    ({ action }) => action === 'session_checked',
  );

describe('watching', () => {
  it('notices a payment, puts only the change on record, and lets go of what is final', async () => {
    const session = await trackActiveSession('flinks');
    expect(await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: true })).toMatchObject({
      selectedSessionKeys: [session.key],
      polledCount: 1,
      includesRecent: false,
    });
    await waitForStatus(session, 'active');
    expect(await checkedRecords()).toHaveLength(0);
    const paid = waitForStatus(session, 'completed');
    await simulator.control('setState', session.id, 'completed');
    expect((await paid).lastCheckedAt).not.toBeNull();
    expect(await app.handlers['polling.state']({})).toMatchObject({ selectedSessionKeys: [], polledCount: 0 });
    expect(await checkedRecords()).toMatchObject([{ sessionKey: session.key, outcome: 'completed' }]);
  });

  it('watches what was added lately where that is asked for, and nothing unasked', async () => {
    const session = await trackActiveSession('flinks');
    const before = await readRequests(session.id);
    expect(await app.handlers['polling.state']({})).toMatchObject({ selectedSessionKeys: [], polledCount: 0 });
    expect(
      await app.handlers['polling.change']({ sessionKeys: [], isPolled: true, includesRecent: true }),
    ).toMatchObject({
      includesRecent: true,
      polledCount: 1,
    });
    await waitForStatus(session, 'active');
    expect(await readRequests(session.id)).toBeGreaterThan(before);
  });

  it('remembers what was chosen, and forgets what was let go', async () => {
    const session = await trackActiveSession('xendit');
    await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: true });
    await app.close();
    app = await openTestApp({ ...appOptions, pollIntervalMs: 60_000 });
    expect(await app.handlers['polling.state']({})).toMatchObject({ selectedSessionKeys: [session.key] });
    expect(await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: false })).toMatchObject({
      selectedSessionKeys: [],
      polledCount: 0,
    });
    await expect(
      app.handlers['polling.change']({
        sessionKeys: Array.from({ length: 51 }, (_, index) => index + 1),
        isPolled: true,
      }),
    ).rejects.toMatchObject({ code: 'polling_refused' });
  });

  it('leaves a connection alone whose secret cannot be had, and says why', async () => {
    const session = await trackActiveSession('xendit');
    appOptions.keychain.entries.delete(
      [...appOptions.keychain.entries.keys()].find((name) => name.endsWith(connections.xendit.id)) ?? '',
    );
    await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: true });
    const paused = new Promise<void>((resolve) => void app.on('connections.changed', () => resolve()));
    await paused;
    await expect
      .poll(async () => (await app.handlers['polling.state']({})).paused)
      .toMatchObject([{ connectionName: 'Xendit ID' }]);
    expect(await readRequests(session.id)).toBe(1);
  });

  it('keeps still while the provider asks to wait', async () => {
    const session = await trackActiveSession('xendit');
    await simulator.control('setFaults', [
      { route: 'read', fault: 'throttled', provider: 'xendit', waitSeconds: 3_000 },
    ]);
    await app.handlers['sessions.refresh']({ sessionKey: session.key }).catch(() => undefined);
    const before = await readRequests(session.id);
    const other = await trackActiveSession('flinks');
    await app.handlers['polling.change']({ sessionKeys: [session.key, other.key], isPolled: true });
    let last = other;
    for (let round = 0; round < 2; round += 1) last = await waitForStatus(last, 'active');
    expect(await readRequests(session.id)).toBe(before);
  });
});
