import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptySessionFilter, type Connection, type Session } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, sessionPageInput, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 200 });
  app = await openTestApp();
  connections = await addConnections(app, simulator);
});
afterAll(async () => {
  await app.close();
  await simulator.stop();
});

async function trackActiveSession(
  provider: 'flinks' | 'xendit',
  excludedIds: readonly string[] = [],
): Promise<Session> {
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state, subAccount, id }) =>
      account === 'practice' &&
      connection === provider &&
      state === 'active' &&
      subAccount === null &&
      !excludedIds.includes(id),
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await trackSession(app, connections[provider], session);
}

describe('Sessions', () => {
  it('add: a Flinks session gets the fields of status and details, and no customer data', async () => {
    const session = await trackActiveSession('flinks');
    const simulated = await simulator.control('getSession', session.id);
    expect(session).toMatchObject({
      status: 'active',
      currency: 'CAD',
      reference: simulated?.reference,
      source: 'added',
    });
    expect(session.createdAt).toBe(simulated?.createdAt);
    const details = await app.handlers['sessions.getDetails']({ sessionKey: session.key });
    expect(JSON.stringify(details)).not.toMatch(/payor|firstName|@/);
  });

  it('add: a session is tracked even if its details cannot be read', async () => {
    const trackedIds = (await app.handlers['sessions.list'](sessionPageInput({}, 100))).rows.map(({ id }) => id);
    await simulator.control('setFaults', [{ route: 'authorize', fault: 'server_error', provider: 'flinks' }]);
    const session = await trackActiveSession('flinks', trackedIds);
    await simulator.control('setFaults', []);
    expect(session).toMatchObject({ status: 'active', createdAt: null });
  });

  it('getDetails: the timeline contains tracking, cancellation and status, newest first', async () => {
    const session = await trackActiveSession('xendit');
    await app.handlers['cancellations.request']({ sessionKey: session.key, reason });
    const { timeline, session: now } = await app.handlers['sessions.getDetails']({ sessionKey: session.key });
    expect(timeline.map(({ kind }) => kind)).toEqual(['status', 'cancellation', 'tracked']);
    expect(now.status).toBe('cancelled');
    expect(timeline.map(({ at }) => at)).toEqual([...timeline.map(({ at }) => at)].sort().reverse());
  });

  it('refresh: the new status is stored and recorded in the audit log', async () => {
    const [session] = (await app.handlers['sessions.list'](sessionPageInput({ statuses: ['active'] }, 1))).rows;
    if (!session) throw new Error('No session is active.');
    await simulator.control('setState', session.id, 'expired');
    expect(await app.handlers['sessions.refresh']({ sessionKey: session.key })).toMatchObject({ status: 'expired' });
    expect((await app.handlers['audit.list']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'session_checked',
      outcome: 'expired',
    });
  });

  it('page: a cursor that the list did not create is refused', async () => {
    const page = app.handlers['sessions.list']({ ...sessionPageInput(), after: '1; DROP TABLE sessions' });
    await expect(page).rejects.toMatchObject({
      code: 'invalid_input',
      messageKey: 'session.listPositionInvalid',
      details: { field: 'after' },
    });
  });
});

describe('first run', () => {
  it('app.changed: the first run ends when a connection is added', async () => {
    const newApp = await openTestApp();
    const firstRunEnded = new Promise<void>((resolve) =>
      newApp.on('app.changed', ({ isFirstRun }) => (isFirstRun ? undefined : resolve())),
    );
    expect((await newApp.handlers['app.getState']({})).isFirstRun).toBe(true);
    await addConnections(newApp, simulator);
    await firstRunEnded;
    await newApp.close();
  });
});

describe('practice', () => {
  it('practice: has its own connections and keeps its cancellations across a restart', async () => {
    const firstApp = await openTestApp();
    const { dataFolder } = await firstApp.handlers['app.getState']({});
    await firstApp.handlers['workspace.open']({ workspace: 'practice' });
    const { rows } = await firstApp.handlers['sessions.list'](sessionPageInput({ statuses: ['active'] }));
    const xendit = (await firstApp.handlers['connections.list']({})).find(
      ({ options }) => options.provider === 'xendit',
    );
    const session = rows.find(({ connectionId, subAccount }) => connectionId === xendit?.id && subAccount === null);
    if (!session || !xendit) throw new Error('Practice has no active Xendit session.');
    expect(
      (await firstApp.handlers['sessions.count']({ filter: emptySessionFilter, viewId: '' })).total,
    ).toBeGreaterThanOrEqual(2_000);
    await firstApp.handlers['cancellations.request']({ sessionKey: session.key, reason });
    await expect(
      firstApp.handlers['connections.add']({
        name: 'Production',
        environment: 'production',
        baseUrl: 'https://api.xendit.co',
        options: { provider: 'xendit', forUserId: null },
        secret: 'xnd_production_0123456789',
        allowInMemory: false,
      }),
    ).rejects.toMatchObject({ code: 'base_url_refused' });
    await firstApp.handlers['workspace.open']({ workspace: 'work' });
    expect(await firstApp.handlers['connections.list']({})).toEqual([]);
    await firstApp.close();

    const secondApp = await openTestApp({ dataFolder, workspace: 'practice' });
    const refreshed = await secondApp.handlers['sessions.refresh']({ sessionKey: session.key });
    expect(refreshed.status).toBe('cancelled');
    expect((await secondApp.handlers['connections.list']({})).map(({ id }) => id)).toContain(xendit.id);
    await secondApp.close();
  });
});
