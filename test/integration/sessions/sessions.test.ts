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

async function trackActiveSession(provider: 'flinks' | 'xendit', taken: readonly string[] = []): Promise<Session> {
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state, subAccount, id }) =>
      account === 'practice' &&
      connection === provider &&
      state === 'active' &&
      subAccount === null &&
      !taken.includes(id),
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await trackSession(app, connections[provider], session);
}

describe('the registry', () => {
  it('knows of a new Flinks session what status and details tell together, and nothing of the payer', async () => {
    const session = await trackActiveSession('flinks');
    const truth = await simulator.control('getSession', session.id);
    expect(session).toMatchObject({ status: 'active', currency: 'CAD', reference: truth?.reference, source: 'added' });
    expect(session.createdAt).toBe(truth?.createdAt);
    const story = await app.handlers['sessions.details']({ sessionKey: session.key });
    expect(JSON.stringify(story)).not.toMatch(/payor|firstName|@/);
  });

  it('tracks a session whose details cannot be read all the same', async () => {
    const known = (await app.handlers['sessions.page'](sessionPageInput({}, 100))).rows.map(({ id }) => id);
    await simulator.control('setFaults', [{ route: 'authorize', fault: 'server_error', provider: 'flinks' }]);
    const session = await trackActiveSession('flinks', known);
    await simulator.control('setFaults', []);
    expect(session).toMatchObject({ status: 'active', createdAt: null });
  });

  it('tells the story of a session, newest first', async () => {
    const session = await trackActiveSession('xendit');
    await app.handlers['cancellations.request']({ sessionKey: session.key, reason });
    const { timeline, session: now } = await app.handlers['sessions.details']({ sessionKey: session.key });
    expect(timeline.map(({ kind }) => kind)).toEqual(['status', 'cancellation', 'tracked']);
    expect(now.status).toBe('cancelled');
    expect(timeline.map(({ at }) => at)).toEqual([...timeline.map(({ at }) => at)].sort().reverse());
  });

  it('reads a session again, and says so where the provider no longer knows it', async () => {
    const [paid] = (await app.handlers['sessions.page'](sessionPageInput({ statuses: ['active'] }, 1))).rows;
    if (!paid) throw new Error('No session is active.');
    await simulator.control('setState', paid.id, 'expired');
    expect(await app.handlers['sessions.refresh']({ sessionKey: paid.key })).toMatchObject({ status: 'expired' });
    expect((await app.handlers['audit.page']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'session_checked',
      outcome: 'expired',
    });
  });

  it('takes no cursor it has not given', async () => {
    const page = app.handlers['sessions.page']({ ...sessionPageInput(), after: '1; DROP TABLE sessions' });
    await expect(page).rejects.toMatchObject({ code: 'invalid_input', details: { field: 'after' } });
  });
});

describe('the first run', () => {
  it('is over as soon as a connection exists, and the screen is told', async () => {
    const fresh = await openTestApp();
    const told = new Promise<void>((resolve) =>
      fresh.on('app.changed', ({ isFirstRun }) => (isFirstRun ? undefined : resolve())),
    );
    expect((await fresh.handlers['app.state']({})).isFirstRun).toBe(true);
    await addConnections(fresh, simulator);
    await told;
    await fresh.close();
  });
});

describe('practice', () => {
  it('is a workspace of its own, which remembers what was cancelled in it', async () => {
    const first = await openTestApp();
    const { dataFolder } = await first.handlers['app.state']({});
    await first.handlers['workspace.open']({ workspace: 'practice' });
    const { rows } = await first.handlers['sessions.page'](sessionPageInput({ statuses: ['active'] }));
    const xendit = (await first.handlers['connections.list']({})).find(({ options }) => options.provider === 'xendit');
    const session = rows.find(({ connectionId, subAccount }) => connectionId === xendit?.id && subAccount === null);
    if (!session || !xendit) throw new Error('Practice has no active Xendit session.');
    expect(
      (await first.handlers['sessions.counts']({ filter: emptySessionFilter, viewId: '' })).total,
    ).toBeGreaterThanOrEqual(2_000);
    await first.handlers['cancellations.request']({ sessionKey: session.key, reason });
    await expect(
      first.handlers['connections.add']({
        name: 'Real',
        environment: 'production',
        baseUrl: 'https://api.xendit.co',
        options: { provider: 'xendit', forUserId: null },
        secret: 'xnd_production_0123456789',
        allowInMemory: false,
      }),
    ).rejects.toMatchObject({ code: 'base_url_refused' });
    await first.handlers['workspace.open']({ workspace: 'work' });
    expect(await first.handlers['connections.list']({})).toEqual([]);
    await first.close();

    const second = await openTestApp({ dataFolder, workspace: 'practice' });
    const again = await second.handlers['sessions.refresh']({ sessionKey: session.key });
    expect(again.status).toBe('cancelled');
    expect((await second.handlers['connections.list']({})).map(({ id }) => id)).toContain(xendit.id);
    await second.close();
  });
});
