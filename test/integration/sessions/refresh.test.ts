import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importParseOptions, type Connection, type RefreshState } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, sessionPageInput, openTestApp } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeEach(async () => {
  simulator = await spawnSimulator({ sessionCount: 100 });
  app = await openTestApp();
  connections = await addConnections(app, simulator);
});
afterEach(async () => {
  await app.close();
  await simulator.stop();
});

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
  const { importId } = await app.handlers['imports.begin']({
    connectionId: connections[provider].id,
    product,
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'skip',
    parseOptions: importParseOptions.parse({}),
  });
  await app.handlers['imports.chunk']({
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
const listRows = async () => (await app.handlers['sessions.page'](sessionPageInput({}, 100))).rows;

describe('refresh of several sessions', () => {
  it('start: reads every match of the filter at the rate limit of its connection and counts the results', async () => {
    const flinks = await importActiveSessions('flinks', 3);
    const [first, second] = await importActiveSessions('xendit', 2);
    await simulator.control('setState', first ?? '', 'expired');
    const startedAt = performance.now();
    const started = await app.handlers['refreshes.start'](allSessionsInput);
    expect(started).toMatchObject({ state: 'running', total: 5 });
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
    // In parallel: three sessions at two per second, and two at one per second.
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    const statusById = new Map((await listRows()).map((row) => [row.id, row.status]));
    expect([first, second, ...flinks].map((id) => statusById.get(id ?? ''))).toEqual([
      'expired',
      'active',
      'active',
      'active',
      'active',
    ]);
    const checks = (await app.handlers['audit.page']({ before: null, limit: 20 })).rows.filter(
      ({ action }) => action === 'session_checked',
    );
    expect(checks).toHaveLength(5);
  });

  it('start: a selected session that the provider does not know stays tracked with the status unknown', async () => {
    await importActiveSessions('flinks', 1);
    const { importId } = await app.handlers['imports.begin']({
      connectionId: connections.flinks.id,
      product: 'geft',
      fileName: 'x.csv',
      byteLength: null,
      source: 'imported',
      shouldWrite: true,
      onInvalidLine: 'skip',
      parseOptions: importParseOptions.parse({}),
    });
    await app.handlers['imports.chunk']({
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
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    const stopped = await app.handlers['refreshes.stop']({ refreshId });
    expect(stopped.state).toBe('stopped');
    expect(stopped.skipped).toBeGreaterThanOrEqual(4);
    expect(stopped.changed + stopped.skipped).toBe(6);
    expect(await app.handlers['refreshes.list']({})).toMatchObject([{ refreshId, state: 'stopped' }]);
  });

  it('throttled: the read is repeated after the wait that the provider requests', async () => {
    await importActiveSessions('xendit', 2);
    await simulator.control('setFaults', [{ route: 'read', fault: 'throttled', provider: 'xendit', times: 1 }]);
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    expect(await waitUntilFinished(refreshId)).toMatchObject({ changed: 2, failed: 0 });
  });

  it('refused: a connection with a wrong credential is skipped with the reason', async () => {
    await importActiveSessions('flinks', 2);
    await importActiveSessions('xendit', 8);
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
    expect(state.failed).toBe(2);
    expect(state.failed + state.skipped).toBe(8);
    expect(
      (await listRows())
        .filter(({ connectionId }) => connectionId === connections.xendit.id)
        .every(({ lastCheckedAt }) => lastCheckedAt === null),
    ).toBe(true);
  });

  it('priority: a status check by the operator runs before the reads of a refresh', async () => {
    await importActiveSessions('xendit', 5);
    const [newest] = await listRows();
    const { refreshId } = await app.handlers['refreshes.start'](allSessionsInput);
    const startedAt = performance.now();
    await app.handlers['sessions.refresh']({ sessionKey: newest?.key ?? 0 });
    expect(performance.now() - startedAt).toBeLessThan(900);
    await app.handlers['refreshes.stop']({ refreshId });
  });
});
