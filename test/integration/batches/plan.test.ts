import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { emptySessionFilter, isAppError, type Connection, type AppError } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  memoryKeychain,
  unreachableProvider,
  openTestApp,
  reason,
} from '../../support/app.ts';
import { spawnSimulator } from '../../support/spawn-simulator.ts';
import {
  executeSql,
  flinksId,
  importSessions,
  isInState,
  getItems,
  auditRecordsOf,
  createPlan,
  waitForBatch,
} from './plan-fixtures.ts';

let dataFolder: string;
let app: App;
let flinks: Connection;
let xendit: Connection;
const keychain = memoryKeychain();

beforeEach(async () => {
  dataFolder = createTempFolder();
  app = await openTestApp({ dataFolder, keychain });
  ({ flinks, xendit } = await addConnections(app, unreachableProvider));
});
afterEach(() => app.close());

const allSessionsInput = { filter: emptySessionFilter, excludedKeys: [] };
const importLinesOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: flinksId(from + index) }));
const listSessionKeys = async () =>
  (await app.handlers['sessions.page'](sessionPageInput())).rows.map(({ key }) => key);

describe('a plan', () => {
  it('of a filter freezes all that matches but what was taken out, each connection’s sessions together and newest first', async () => {
    await importSessions(app, flinks, importLinesOf(1_300));
    const told = { currency: 'IDR', status: 'ACTIVE' };
    const links = Array.from({ length: 1_100 }, (_, index) => ({
      ...told,
      id: `ps-${String(index).padStart(24, '0')}`,
    }));
    await importSessions(app, xendit, links, 'payment_session');
    const [newest = 0] = await listSessionKeys();
    const began = await app.handlers['batches.plan']({ filter: emptySessionFilter, excludedKeys: [newest] });
    expect(began).toMatchObject({
      state: 'planning',
      digest: null,
      operator: 'olivia',
      origin: { kind: 'filter', except: 1 },
    });
    const plan = await waitForBatch(app, began.id, isInState('planned'));
    expect(plan).toMatchObject({
      sessions: 2_399,
      eligible: 2_399,
      eligibilityCounts: { will_cancel: 2_399 },
      outcomeCounts: { waiting: 2_399 },
      requiresTypedCount: true,
    });
    expect(plan.digest).toMatch(/^[0-9a-f]{64}$/);
    const all = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Awaited<ReturnType<typeof getItems>> = await getItems(app, plan.id, { after });
      expect(page.total).toBe(2_399);
      all.push(...page.rows);
      after = page.next;
    }
    expect(all.map(({ position }) => position)).toEqual(Array.from({ length: 2_399 }, (_, index) => index + 1));
    expect(all.some(({ sessionKey }) => sessionKey === newest)).toBe(false);
    for (const connection of [flinks, xendit]) {
      const own = all.filter(({ connectionId }) => connectionId === connection.id);
      expect(own.at(-1)?.position).toBe((own[0]?.position ?? 0) + own.length - 1);
      expect(own.map(({ sessionKey }) => sessionKey)).toEqual(
        own.map(({ sessionKey }) => sessionKey).sort((one, other) => other - one),
      );
    }
    expect(await app.handlers['batches.summary']({ batchId: plan.id })).toEqual({
      connections: expect.arrayContaining([
        {
          connectionId: flinks.id,
          name: 'Flinks CA',
          provider: 'flinks',
          environment: 'sandbox',
          sessions: 1_300,
          asked: 1_300,
        },
        {
          connectionId: xendit.id,
          name: 'Xendit ID',
          provider: 'xendit',
          environment: 'sandbox',
          sessions: 1_099,
          asked: 1_099,
        },
      ]) as object,
      products: expect.arrayContaining([{ product: 'geft', sessions: 1_300, asked: 1_300 }]) as object,
      statuses: [{ status: 'active', sessions: 2_399, asked: 2_399 }],
      ages: [{ age: 'under_1_hour', sessions: 2_399, asked: 2_399 }],
      amounts: expect.arrayContaining([
        { currency: 'CAD', total: '84630.00', sessions: 1_300, withoutAmount: 0 },
        { currency: 'IDR', total: '71544.90', sessions: 1_099, withoutAmount: 0 },
      ]) as object,
    });
    expect(await auditRecordsOf(app, plan.id)).toMatchObject([
      {
        action: 'batch_planned',
        outcome: 'filter',
        detail: expect.stringContaining(`2399 sessions, 2399 to be cancelled, digest ${plan.digest}`) as string,
      },
    ]);
  });

  it('of a selection takes each session once, passes over what is not tracked, and is another for every plan', async () => {
    await importSessions(app, flinks, importLinesOf(3));
    const [third = 0, second = 0] = await listSessionKeys();
    const plan = await createPlan(app, { sessionKeys: [second, third, second, 999_999] });
    expect((await getItems(app, plan.id)).rows.map(({ sessionKey }) => sessionKey)).toEqual([third, second]);
    expect(plan).toMatchObject({ sessions: 2, requiresTypedCount: false, origin: { kind: 'selection' } });
    expect((await createPlan(app, { sessionKeys: [third, second] })).digest).not.toBe(plan.digest);
  });

  it('says of each session what will be, and asks only for those it may', async () => {
    const old = new Date(Date.now() - 3_600_000).toISOString();
    await importSessions(app, flinks, [
      { id: flinksId(1) },
      { id: flinksId(2), status: 'Expired' },
      { id: flinksId(3), updatedAt: old },
    ]);
    await importSessions(app, flinks, [{ id: flinksId(4) }], 'e_transfer');
    await importSessions(
      app,
      xendit,
      [{ id: 'ps-000000000000000000000001', status: 'ACTIVE', currency: 'IDR' }],
      'payment_session',
    );
    await app.handlers['connections.setLocked']({ connectionId: xendit.id, isLocked: true });
    const plan = await createPlan(app, allSessionsInput);
    const found = new Map(
      (await getItems(app, plan.id)).rows.map((row) => [
        row.sessionId,
        [row.eligibility, row.outcome, row.foundStatus],
      ]),
    );
    expect(Object.fromEntries(found)).toEqual({
      [flinksId(1)]: ['will_cancel', 'waiting', null],
      [flinksId(2)]: ['already_final', 'left_out', 'expired'],
      [flinksId(3)]: ['stale', 'waiting', null],
      [flinksId(4)]: ['will_cancel', 'waiting', null],
      'ps-000000000000000000000001': ['connection_locked', 'left_out', null],
    });
    expect(plan).toMatchObject({ sessions: 5, eligible: 3, outcomeCounts: { waiting: 3, left_out: 2 } });
    const { amounts } = await app.handlers['batches.summary']({ batchId: plan.id });
    expect(amounts).toEqual([{ currency: 'CAD', total: '195.30', sessions: 3, withoutAmount: 0 }]);
  });

  it('without a session is none, and no more than twenty are open', async () => {
    await expect(app.handlers['batches.plan'](allSessionsInput)).rejects.toMatchObject({ code: 'plan_empty' });
    await importSessions(app, flinks, importLinesOf(1));
    const [key = 0] = await listSessionKeys();
    await expect(app.handlers['batches.plan']({ sessionKeys: [key + 1] })).rejects.toMatchObject({
      code: 'plan_empty',
    });
    const plans = await Promise.all(
      Array.from({ length: 20 }, () => app.handlers['batches.plan']({ sessionKeys: [key] })),
    );
    await expect(app.handlers['batches.plan']({ sessionKeys: [key] })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    await app.handlers['batches.discard']({ batchId: plans[0]?.id ?? '' });
    await createPlan(app, { sessionKeys: [key] });
  });

  it('thrown away loses its sessions and stays on record; thrown away while it is made it is never planned', async () => {
    await importSessions(app, flinks, importLinesOf(12_000));
    const half = await app.handlers['batches.plan'](allSessionsInput);
    expect((await app.handlers['batches.discard']({ batchId: half.id })).state).toBe('discarded');
    const whole = await createPlan(app, allSessionsInput);
    await app.handlers['batches.discard']({ batchId: whole.id });
    await expect(app.handlers['batches.discard']({ batchId: whole.id })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    for (const { id } of [half, whole]) {
      await expect.poll(async () => (await getItems(app, id)).rows).toEqual([]);
      expect(await app.handlers['batches.get']({ batchId: id })).toMatchObject({
        state: 'discarded',
        outcomeCounts: {},
        eligibilityCounts: {},
      });
    }
    expect((await auditRecordsOf(app, half.id)).map(({ action }) => action)).toEqual(['batch_discarded']);
    expect((await app.handlers['batches.get']({ batchId: whole.id })).sessions).toBe(12_000);
  });

  it('half made when the console ends is thrown away at the next start, and one that is older than half an hour expires', async () => {
    await importSessions(app, flinks, importLinesOf(12_000));
    const old = await createPlan(app, allSessionsInput);
    const cut = await createPlan(app, allSessionsInput);
    const half = await app.handlers['batches.plan'](allSessionsInput);
    await app.close();
    executeSql(
      dataFolder,
      `UPDATE batches SET planned_at = '2026-01-01T00:00:00.000Z' WHERE id = '${old.id}'`,
      `UPDATE batches SET digest = NULL WHERE id = '${cut.id}'`,
    );
    app = await openTestApp({ dataFolder, keychain });
    const { rows } = await app.handlers['batches.list']({ before: null, limit: 10 });
    expect(Object.fromEntries(rows.map(({ id, state }) => [id, state]))).toEqual({
      [old.id]: 'expired',
      [cut.id]: 'discarded',
      [half.id]: 'discarded',
    });
    expect((await auditRecordsOf(app, old.id)).at(-1)).toMatchObject({ action: 'batch_discarded', outcome: 'expired' });
    expect((await auditRecordsOf(app, half.id)).at(-1)).toMatchObject({
      action: 'batch_discarded',
      outcome: 'interrupted',
    });
    for (const { id } of [half, old, cut]) await expect.poll(async () => (await getItems(app, id)).total).toBe(0);
  });

  it('holds up no intent, however many sessions it has', async () => {
    await importSessions(app, flinks, importLinesOf(10));
    executeSql(
      dataFolder,
      `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 100000)
      INSERT INTO sessions (connection_id, product, id, status, source, first_seen_at)
      SELECT '${flinks.id}', 'geft', 'bulk-' || number, 'active', 'imported', '2026-11-20T00:00:00.000Z' FROM numbers`,
    );
    const order: string[] = [];
    const began = await app.handlers['batches.plan'](allSessionsInput);
    const whole = waitForBatch(app, began.id, isInState('planned')).then((plan) => {
      order.push('planned');
      return plan;
    });
    const sessionKey =
      (await app.handlers['sessions.page'](sessionPageInput({ search: flinksId(3) }))).rows[0]?.key ?? 0;
    const cancellation = await app.handlers['cancellations.request']({ sessionKey, reason });
    order.push(cancellation.state);
    await whole;
    // Nobody listens at the account's address: the intent was durable, the call was made, and it was settled before the plan was.
    expect(order).toEqual(['not_sent', 'planned']);
    expect(await whole).toMatchObject({ sessions: 100_010 });
  });
});

describe('the refresh of a plan', () => {
  it('reads what it knows too little about, judges every session anew, and has another digest; nothing is confirmed meanwhile', async () => {
    const simulator = await spawnSimulator({ sessionCount: 60 });
    onTestFinished(() => simulator.stop());
    await app.close();
    app = await openTestApp({ keychain: memoryKeychain() });
    ({ xendit } = await addConnections(app, simulator));
    const [first = '', second = ''] = (await simulator.control('listSessions'))
      .filter(
        ({ account, connection, state, subAccount }) =>
          account === 'practice' && connection === 'xendit' && state === 'active' && subAccount === null,
      )
      .map(({ id }) => id);
    const told = { status: 'ACTIVE', currency: 'IDR' };
    const lines = [
      { ...told, id: first, updatedAt: '2026-01-01T00:00:00.000Z' },
      { ...told, id: second },
    ];
    await importSessions(app, xendit, lines, 'payment_session');
    await simulator.control('setState', first, 'expired');
    const plan = await createPlan(app, allSessionsInput);
    expect(plan.eligibilityCounts).toEqual({ stale: 1, will_cancel: 1 });
    const refresh = await app.handlers['batches.refreshPlan']({ batchId: plan.id });
    expect(refresh).toMatchObject({ state: 'running', total: 1 });
    const confirmation = { batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: null };
    await expect(app.handlers['batches.confirm'](confirmation)).rejects.toMatchObject({ code: 'plan_changed' });
    await expect(app.handlers['batches.refreshPlan']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'refresh_refused',
    });
    const judged = await waitForBatch(
      app,
      plan.id,
      ({ eligibilityCounts, digest }) => digest !== null && eligibilityCounts.stale === undefined,
    );
    expect(judged).toMatchObject({
      sessions: 2,
      eligible: 1,
      eligibilityCounts: { already_final: 1, will_cancel: 1 },
      outcomeCounts: { left_out: 1, waiting: 1 },
    });
    expect(judged.digest).not.toBe(plan.digest);
    const { statuses } = await app.handlers['batches.summary']({ batchId: plan.id });
    expect(statuses).toContainEqual({ status: 'expired', sessions: 1, asked: 0 });
    expect((await auditRecordsOf(app, plan.id)).map(({ action }) => action)).toEqual([
      'batch_planned',
      'batch_declined',
      'batch_refreshed',
    ]);
    await expect(app.handlers['batches.confirm'](confirmation)).rejects.toMatchObject({ code: 'plan_changed' });
    // Nothing in it is stale any more.
    await expect(app.handlers['batches.refreshPlan']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'refresh_refused',
    });
  });

  it('that is stopped judges what was read, and one of a plan that is thrown away reads no further', async () => {
    await importSessions(
      app,
      flinks,
      importLinesOf(30).map((line) => ({ ...line, updatedAt: '2026-01-01T00:00:00.000Z' })),
    );
    const plan = await createPlan(app, allSessionsInput);
    const { refreshId } = await app.handlers['batches.refreshPlan']({ batchId: plan.id });
    await app.handlers['refreshes.stop']({ refreshId });
    await expect
      .poll(async () => (await auditRecordsOf(app, plan.id)).map(({ action }) => action))
      .toEqual(['batch_planned', 'batch_refreshed']);
    await expect
      .poll(() =>
        app.handlers['batches.refreshPlan']({ batchId: plan.id }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await app.handlers['batches.discard']({ batchId: plan.id });
    await expect
      .poll(async () => (await app.handlers['refreshes.list']({})).every(({ state }) => state !== 'running'))
      .toBe(true);
    expect((await auditRecordsOf(app, plan.id)).at(-1)).toMatchObject({
      action: 'batch_discarded',
      outcome: 'discarded',
    });
  });
});

describe('a plan that is altered in the file while it is refreshed', () => {
  it('is not judged anew: it would have a digest again, and be confirmed', async () => {
    await importSessions(
      app,
      flinks,
      importLinesOf(5).map((line) => ({ ...line, updatedAt: '2026-01-01T00:00:00.000Z' })),
    );
    const plan = await createPlan(app, allSessionsInput);
    const { refreshId } = await app.handlers['batches.refreshPlan']({ batchId: plan.id });
    executeSql(dataFolder, `UPDATE batch_items SET session_id = 'another' WHERE position = 2`);
    await app.handlers['refreshes.stop']({ refreshId });
    const confirming = () =>
      app.handlers['batches.confirm']({ batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: null }).then(
        ({ state }) => state,
        (error: unknown) => (isAppError(error) ? (error as AppError).details['tampered'] : error),
      );
    await expect.poll(confirming).toBe(true);
    expect((await auditRecordsOf(app, plan.id)).map(({ action }) => action)).not.toContain('batch_refreshed');
  });
});

describe('what a plan names', () => {
  it('is not removed while the plan is open, and can be when it is thrown away', async () => {
    const old = '2026-01-05T10:00:00.000Z';
    await importSessions(
      app,
      flinks,
      importLinesOf(3).map((line) => ({ ...line, status: 'Expired' })),
    );
    executeSql(dataFolder, `UPDATE sessions SET first_seen_at = '${old}'`);
    const [, second = 0] = await listSessionKeys();
    const plan = await createPlan(app, { sessionKeys: [second] });
    const { count } = await app.handlers['sessions.countOld']({ olderThanDays: 90 });
    const before = await app.handlers['sessions.removeOld']({ olderThanDays: 90 });
    expect(before.removedCount).toBe(count);
    expect(before.removedCount).toBe(1);
    expect(await listSessionKeys()).toContain(second);
    await app.handlers['batches.discard']({ batchId: plan.id });
    expect((await app.handlers['sessions.removeOld']({ olderThanDays: 90 })).removedCount).toBe(1);
  });
});
