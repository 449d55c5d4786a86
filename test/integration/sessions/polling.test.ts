import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Session, SessionStatus } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, createTempFolder, memoryKeychain, openTestApp, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;
const appOptions = { dataFolder: createTempFolder(), keychain: memoryKeychain(), pollIntervalMs: 100 };

beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 0 });
});
beforeEach(async () => {
  await simulator.reset();
  Object.assign(appOptions, { dataFolder: createTempFolder(), keychain: memoryKeychain() });
  app = await openTestApp(appOptions);
  connections = await addConnections(app, simulator);
});
afterEach(() => app.close());
afterAll(() => simulator.stop());

async function trackActiveSession(provider: 'flinks' | 'xendit'): Promise<Session> {
  const session = await simulator.control('addSession', { connection: provider });
  return await trackSession(app, connections[provider], session);
}

/** Waits for a read after `lastCheckedAt`: an event of an earlier read may still arrive. */
function waitForStatus({ key, lastCheckedAt }: Session, status: SessionStatus): Promise<Session> {
  return new Promise((resolve) => {
    const unsubscribe = app.on('sessions.changed', ({ rows }) => {
      const row = rows.find(
        (session) =>
          session.key === key && session.status === status && (session.lastCheckedAt ?? '') > (lastCheckedAt ?? ''),
      );
      if (!row) return;
      unsubscribe();
      resolve(row);
    });
  });
}

const readRequests = async (id: string) =>
  (await simulator.control('listRequests')).filter((request) => request.route === 'read' && request.id === id).length;
const checkedRecords = async () =>
  (await app.handlers['audit.list']({ before: null, limit: 100 })).rows.filter(
    ({ action }) => action === 'session_checked',
  );

describe('SessionPoller', () => {
  it('poll: a payment is noticed, only the change is recorded, and a final session is no longer polled', async () => {
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
    expect(await app.handlers['polling.getState']({})).toMatchObject({ selectedSessionKeys: [], polledCount: 0 });
    expect(await checkedRecords()).toMatchObject([{ sessionKey: session.key, outcome: 'completed' }]);
  });

  it('includesRecent: recently added sessions are polled only if the option is on', async () => {
    const session = await trackActiveSession('flinks');
    const requestsBefore = await readRequests(session.id);
    expect(await app.handlers['polling.getState']({})).toMatchObject({ selectedSessionKeys: [], polledCount: 0 });
    expect(
      await app.handlers['polling.change']({ sessionKeys: [], isPolled: true, includesRecent: true }),
    ).toMatchObject({
      includesRecent: true,
      polledCount: 1,
    });
    await waitForStatus(session, 'active');
    expect(await readRequests(session.id)).toBeGreaterThan(requestsBefore);
  });

  it('change: the selection outlasts a restart, and too many sessions are refused', async () => {
    const session = await trackActiveSession('xendit');
    await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: true });
    await app.close();
    app = await openTestApp({ ...appOptions, pollIntervalMs: 60_000 });
    expect(await app.handlers['polling.getState']({})).toMatchObject({ selectedSessionKeys: [session.key] });
    expect(await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: false })).toMatchObject({
      selectedSessionKeys: [],
      polledCount: 0,
    });
    await expect(
      app.handlers['polling.change']({
        sessionKeys: Array.from({ length: 51 }, (_, index) => index + 1),
        isPolled: true,
      }),
    ).rejects.toMatchObject({
      code: 'polling_refused',
      messageKey: 'session.watchLimitReached',
      params: { max: 50, count: 0 },
    });
  });

  it('poll: a connection without its secret is paused with the reason', async () => {
    const session = await trackActiveSession('xendit');
    appOptions.keychain.entries.delete(
      [...appOptions.keychain.entries.keys()].find((name) => name.endsWith(connections.xendit.id)) ?? '',
    );
    await app.handlers['polling.change']({ sessionKeys: [session.key], isPolled: true });
    await new Promise<void>((resolve) => void app.on('connections.changed', () => resolve()));
    await expect
      .poll(async () => (await app.handlers['polling.getState']({})).paused)
      .toMatchObject([{ connectionName: 'Xendit ID' }]);
    expect(await readRequests(session.id)).toBe(1);
  });

  it('poll: a throttled connection is not polled', async () => {
    const session = await trackActiveSession('xendit');
    await simulator.control('setFaults', [
      { route: 'read', fault: 'throttled', provider: 'xendit', waitSeconds: 3_000 },
    ]);
    await app.handlers['sessions.refresh']({ sessionKey: session.key }).catch(() => undefined);
    const requestsBefore = await readRequests(session.id);
    const other = await trackActiveSession('flinks');
    await app.handlers['polling.change']({ sessionKeys: [session.key, other.key], isPolled: true });
    let latest = other;
    for (let round = 0; round < 2; round += 1) latest = await waitForStatus(latest, 'active');
    expect(await readRequests(session.id)).toBe(requestsBefore);
  });
});
