import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importParseOptions, type Connection, type RefreshState } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, sessionPageInput, openTestApp } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;
let requestsBefore: number;

beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 100 });
});
beforeEach(async () => {
  await simulator.reset();
  app = await openTestApp();
  connections = await addConnections(app, simulator);
  requestsBefore = (await simulator.control('listRequests')).length;
});
afterEach(() => app.close());
afterAll(() => simulator.stop());

const setRateLimit = (provider: 'flinks' | 'xendit', perSecond: number) =>
  app.handlers['rateLimits.change']({ connectionId: connections[provider].id, perSecond, maxInFlight: 1 });
/** The ids of the sessions that were read since the app was opened, in the order of the requests. */
async function listReadIds(provider: 'flinks' | 'xendit'): Promise<(string | null)[]> {
  const requests = await simulator.control('listRequests');
  return requests
    .slice(requestsBefore)
    .filter((request) => request.route === 'read' && request.provider === provider)
    .map(({ id }) => id);
}

/** Imports `count` of the simulator's active sessions from a file, so that none is read at the simulator. */
async function importActiveSessions(provider: 'flinks' | 'xendit', count: number): Promise<string[]> {
  const ids = (await simulator.control('listSessions'))
    .filter(
      ({ account, connection, state, subAccount }) =>
        account === 'practice' && connection === provider && state === 'active' && subAccount === null,
    )
    .slice(0, count)
    .map(({ id }) => id);
  const product = provider === 'flinks' ? 'geft' : 'payment_session';
  const { importId } = await app.handlers['imports.start']({
    connectionId: connections[provider].id,
    product,
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'skip',
    parseOptions: importParseOptions.parse({}),
  });
  await app.handlers['imports.addChunk']({
    importId,
    offset: 0,
    bytes: Buffer.from(`id\n${ids.join('\n')}\n`).toString('base64'),
  });
  expect(await app.handlers['imports.finish']({ importId })).toMatchObject({ added: count });
  return ids;
}

function waitUntilFinished(refreshId: string): Promise<RefreshState> {
  return new Promise((resolve) => {
    const unsubscribe = app.on('refreshes.changed', ({ rows }) => {
      const state = rows.find((row) => row.refreshId === refreshId);
      if (state && state.state !== 'running') {
        unsubscribe();
        resolve(state);
      }
    });
  });
}

const allSessionsInput = { filter: sessionPageInput().filter, excludedKeys: [] };
const listRows = async () => (await app.handlers['sessions.list'](sessionPageInput({}, 100))).rows;

describe('refresh of several sessions', () => {
  it('start: reads every match of the filter at the rate limit of its connection and counts the results', async () => {
    const flinks = await importActiveSessions('flinks', 3);
    const [first, second] = await importActiveSessions('xendit', 2);
    await simulator.control('setState', first ?? '', 'expired');
    for (const provider of ['flinks', 'xendit'] as const) await setRateLimit(provider, 0.1);
    const started = await app.handlers['refreshes.start'](allSessionsInput);
    expect(started).toMatchObject({ state: 'running', total: 5 });
    // At this rate the second read of a connection waits for ten seconds.
    await expect.poll(() => listReadIds('flinks')).toHaveLength(1);
    await expect.poll(() => listReadIds('xendit')).toHaveLength(1);
    for (const provider of ['flinks', 'xendit'] as const) await setRateLimit(provider, 100);
    const state = await waitUntilFinished(started.refreshId);
    expect(state).toMatchObject({
      state: 'finished',
      total: 5,
      changed: 5,
      unchanged: 0,
      failed: 0,
      skipped: 0,
      remainingSeconds: null,
      issues: [],
    });
    const statusById = new Map((await listRows()).map((row) => [row.id, row.status]));
    expect([first, second, ...flinks].map((id) => statusById.get(id ?? ''))).toEqual([
      'expired',
      'active',
      'active',
      'active',
      'active',
    ]);
    const checks = (await app.handlers['audit.list']({ before: null, limit: 20 })).rows.filter(
      ({ action }) => action === 'session_checked',
    );
    expect(checks).toHaveLength(5);
  });

  it('start: a selected session that the provider does not know stays tracked with the status unknown', async () => {
    await importActiveSessions('flinks', 1);
    const { importId } = await app.handlers['imports.start']({
      connectionId: connections.flinks.id,
      product: 'geft',
      fileName: 'x.csv',
      byteLength: null,
      source: 'imported',
      shouldWrite: true,
      onInvalidLine: 'skip',
      parseOptions: importParseOptions.parse({}),
    });
    await app.handlers['imports.addChunk']({
      importId,
      offset: 0,
      bytes: Buffer.from('id,status\n00000000-0000-4000-8000-000000000000,Initiated\n').toString('base64'),
    });
    await app.handlers['imports.finish']({ importId });
    const [newest] = await listRows();
    const { refreshId } = await app.handlers['refreshes.start']({ sessionKeys: [newest?.key ?? 0] });
    expect(await waitUntilFinished(refreshId)).toMatchObject({ total: 1, notFound: 1 });
    expect((await listRows())[0]).toMatchObject({ status: 'unknown' });
    await expect(app.handlers['refreshes.start']({ sessionKeys: [999_999] })).rejects.toMatchObject({
      code: 'refresh_refused',
      messageKey: 'session.refreshEmpty',
    });
  });

  it('stop: the sessions that are not read yet are skipped', async () => {
    await importActiveSessions('xendit', 6);
    await setRateLimit('xendit', 100);
    // The first read is answered, and the second one gets no response.
    await simulator.control('setFaults', [{ route: 'read', fault: 'hang', skip: 1 }]);
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    await expect.poll(() => listReadIds('xendit')).toHaveLength(2);
    expect(await app.handlers['refreshes.stop']({ refreshId })).toMatchObject({
      state: 'stopped',
      changed: 1,
      skipped: 5,
    });
    expect(await app.handlers['refreshes.list']({})).toMatchObject([{ refreshId, state: 'stopped' }]);
  });

  it('throttled: the read is repeated after the wait that the provider requests', async () => {
    await importActiveSessions('xendit', 2);
    await setRateLimit('xendit', 100);
    await simulator.control('setFaults', [
      { route: 'read', fault: 'throttled', provider: 'xendit', times: 1, waitSeconds: 0.05 },
    ]);
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    expect(await waitUntilFinished(refreshId)).toMatchObject({ changed: 2, failed: 0 });
  });

  it('refused: a connection with a wrong credential is skipped with the reason', async () => {
    await importActiveSessions('flinks', 2);
    await importActiveSessions('xendit', 8);
    for (const provider of ['flinks', 'xendit'] as const) await setRateLimit(provider, 100);
    await app.handlers['connections.replaceSecret']({
      connectionId: connections.xendit.id,
      secret: 'xnd_development_wrongwrongwrong',
      allowInMemory: false,
    });
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    const state = await waitUntilFinished(refreshId);
    expect(state).toMatchObject({
      changed: 2,
      issues: [
        {
          connectionName: 'Xendit ID',
          isSkipped: true,
          message: expect.stringContaining('did not accept the credential') as string,
        },
      ],
    });
    expect(state).toMatchObject({ failed: 2, skipped: 6 });
    expect(
      nonEmpty((await listRows()).filter(({ connectionId }) => connectionId === connections.xendit.id)).every(
        ({ lastCheckedAt }) => lastCheckedAt === null,
      ),
    ).toBe(true);
  });

  it('priority: a status check by the operator runs before the reads of a refresh', async () => {
    await importActiveSessions('xendit', 5);
    const oldest = (await listRows()).at(-1);
    // The second read of the refresh waits for ten seconds, and then for the check of the operator.
    await setRateLimit('xendit', 0.1);
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    await expect.poll(() => listReadIds('xendit')).toHaveLength(1);
    await app.handlers['sessions.refresh']({ sessionKey: oldest?.key ?? 0 });
    expect((await listReadIds('xendit'))[1]).toBe(oldest?.id);
    await app.handlers['refreshes.stop']({ refreshId });
  });
});
