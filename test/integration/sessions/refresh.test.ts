import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importReading, type Connection, type RefreshState } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, listed, openTestDesk } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
let desk: Desk;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeEach(async () => {
  simulator = await spawnSimulator({ sessions: 100 });
  desk = await openTestDesk();
  connections = await connect(desk, simulator);
});
afterEach(async () => {
  await desk.close();
  await simulator.stop();
});

/** Tracks `count` of the simulator's active sessions without asking it, by a file. */
async function importActive(provider: 'flinks' | 'xendit', count: number): Promise<string[]> {
  const ids = (await simulator.control('sessions'))
    .filter(
      ({ account, connection, state, subAccount }) =>
        account === 'practice' && connection === provider && state === 'active' && subAccount === null,
    )
    .slice(0, count)
    .map(({ id }) => id);
  const product = provider === 'flinks' ? 'geft' : 'payment_session';
  const { importId } = await desk.handlers['imports.begin']({
    connectionId: connections[provider].id,
    product,
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    write: true,
    badLines: 'skip',
    reading: importReading.parse({}),
  });
  await desk.handlers['imports.chunk']({
    importId,
    offset: 0,
    bytes: Buffer.from(`id\n${ids.join('\n')}\n`).toString('base64'),
  });
  expect(await desk.handlers['imports.finish']({ importId })).toMatchObject({ added: count });
  return ids;
}

function finished(refreshId: string): Promise<RefreshState> {
  return new Promise((resolve) => {
    const end = desk.on('refreshes.changed', ({ rows }) => {
      const state = rows.find((row) => row.refreshId === refreshId);
      if (state && state.state !== 'running') {
        end();
        resolve(state);
      }
    });
  });
}

const everything = { filter: listed().filter, except: [] };
const rows = async () => (await desk.handlers['sessions.page'](listed({}, 100))).rows;

describe('a refresh of many', () => {
  it('reads every session of a filter at its connection’s pace, and says how each was found', async () => {
    const flinks = await importActive('flinks', 3);
    const [first, second] = await importActive('xendit', 2);
    await simulator.control('setState', first ?? '', 'expired');
    const began = performance.now();
    const started = await desk.handlers['refreshes.start'](everything);
    expect(started).toMatchObject({ state: 'running', total: 5 });
    const state = await finished(started.refreshId);
    expect(state).toMatchObject({
      state: 'finished',
      total: 5,
      changed: 5,
      same: 0,
      failed: 0,
      skipped: 0,
      secondsLeft: null,
      troubles: [],
    });
    // Three at two a second, two at one a second, side by side.
    expect(performance.now() - began).toBeGreaterThan(950);
    const found = new Map((await rows()).map((row) => [row.id, row.status]));
    expect([found.get(first ?? ''), found.get(second ?? ''), ...flinks.map((id) => found.get(id))]).toEqual([
      'expired',
      'active',
      'active',
      'active',
      'active',
    ]);
    const checks = (await desk.handlers['audit.page']({ before: null, limit: 20 })).rows.filter(
      ({ action }) => action === 'session_checked',
    );
    expect(checks).toHaveLength(5);
  });

  it('takes a selection, and keeps one the provider does not know as unknown', async () => {
    await importActive('flinks', 1);
    const { importId } = await desk.handlers['imports.begin']({
      connectionId: connections.flinks.id,
      product: 'geft',
      fileName: 'x.csv',
      byteLength: null,
      source: 'imported',
      write: true,
      badLines: 'skip',
      reading: importReading.parse({}),
    });
    await desk.handlers['imports.chunk']({
      importId,
      offset: 0,
      bytes: Buffer.from('id,status\n00000000-0000-4000-8000-000000000000,Initiated\n').toString('base64'),
    });
    await desk.handlers['imports.finish']({ importId });
    const [newest] = await rows();
    const { refreshId } = await desk.handlers['refreshes.start']({ sessionKeys: [newest?.key ?? 0] });
    expect(await finished(refreshId)).toMatchObject({ total: 1, notFound: 1 });
    expect((await rows())[0]).toMatchObject({ status: 'unknown' });
    await expect(desk.handlers['refreshes.start']({ sessionKeys: [999_999] })).rejects.toMatchObject({
      code: 'refresh_refused',
    });
  });

  it('stops when told to, with the rest left out', async () => {
    await importActive('xendit', 6);
    const { refreshId } = await desk.handlers['refreshes.start'](everything);
    const stopped = await desk.handlers['refreshes.stop']({ refreshId });
    expect(stopped.state).toBe('stopped');
    expect(stopped.skipped).toBeGreaterThanOrEqual(4);
    expect(stopped.changed + stopped.skipped).toBe(6);
    expect(await desk.handlers['refreshes.list']({})).toMatchObject([{ refreshId, state: 'stopped' }]);
  });

  it('waits as a throttled answer says, and then goes on with the same session', async () => {
    await importActive('xendit', 2);
    await simulator.control('setFaults', [{ route: 'read', fault: 'throttled', provider: 'xendit', times: 1 }]);
    const { refreshId } = await desk.handlers['refreshes.start'](everything);
    expect(await finished(refreshId)).toMatchObject({ changed: 2, failed: 0 });
  });

  it('gives a connection up that keeps refusing, says why, and goes on with the others', async () => {
    await importActive('flinks', 2);
    await importActive('xendit', 8);
    await desk.handlers['connections.replaceSecret']({
      connectionId: connections.xendit.id,
      secret: 'xnd_development_wrongwrongwrong',
      keepForThisRun: false,
    });
    const { refreshId } = await desk.handlers['refreshes.start'](everything);
    const state = await finished(refreshId);
    expect(state).toMatchObject({
      changed: 2,
      troubles: [
        {
          connectionName: 'Xendit ID',
          givenUp: true,
          message: expect.stringContaining('did not accept the credential') as string,
        },
      ],
    });
    expect(state.failed).toBe(2);
    expect(state.failed + state.skipped).toBe(8);
    expect(
      (await rows())
        .filter(({ connectionId }) => connectionId === connections.xendit.id)
        .every(({ lastCheckedAt }) => lastCheckedAt === null),
    ).toBe(true);
  });

  it('lets the operator’s own look-up go first', async () => {
    await importActive('xendit', 5);
    const [newest] = await rows();
    const { refreshId } = await desk.handlers['refreshes.start'](everything);
    const began = performance.now();
    await desk.handlers['sessions.refresh']({ sessionKey: newest?.key ?? 0 });
    expect(performance.now() - began).toBeLessThan(900);
    await desk.handlers['refreshes.stop']({ refreshId });
  });
});
