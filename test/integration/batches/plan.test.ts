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
  insertSessions,
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
  (await app.handlers['sessions.list'](sessionPageInput())).rows.map(({ key }) => key);

describe('batches.plan', () => {
  it('plan: a filter selects all matches except excluded keys, grouped by connection, newest first', async () => {
    await importSessions(app, flinks, importLinesOf(1_300));
    const xenditFields = { currency: 'IDR', status: 'ACTIVE' };
    const links = Array.from({ length: 1_100 }, (_, index) => ({
      ...xenditFields,
      id: `ps-${String(index).padStart(24, '0')}`,
    }));
    await importSessions(app, xendit, links, 'payment_session');
    const [newest = 0] = await listSessionKeys();
    const started = await app.handlers['batches.plan']({ filter: emptySessionFilter, excludedKeys: [newest] });
    expect(started).toMatchObject({
      state: 'planning',
      digest: null,
      operator: 'olivia',
      origin: { kind: 'filter', except: 1 },
    });
    const plan = await waitForBatch(app, started.id, isInState('planned'));
    expect(plan).toMatchObject({
      sessions: 2_399,
      eligible: 2_399,
      eligibilityCounts: { will_cancel: 2_399 },
      outcomeCounts: { waiting: 2_399 },
      requiresTypedCount: true,
    });
    expect(plan.digest).toMatch(/^[0-9a-f]{64}$/);
    const items = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Awaited<ReturnType<typeof getItems>> = await getItems(app, plan.id, { after });
      expect(page.total).toBe(2_399);
      items.push(...page.rows);
      after = page.next;
    }
    expect(items.map(({ position }) => position)).toEqual(Array.from({ length: 2_399 }, (_, index) => index + 1));
    expect(items.some(({ sessionKey }) => sessionKey === newest)).toBe(false);
    for (const connection of [flinks, xendit]) {
      const own = items.filter(({ connectionId }) => connectionId === connection.id);
      expect(own.at(-1)?.position).toBe((own[0]?.position ?? 0) + own.length - 1);
      expect(own.map(({ sessionKey }) => sessionKey)).toEqual(
        own.map(({ sessionKey }) => sessionKey).sort((left, right) => right - left),
      );
    }
    expect(await app.handlers['batches.getSummary']({ batchId: plan.id })).toEqual({
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
        detail: { kind: 'plan', sessions: 2399, eligible: 2399, digest: plan.digest },
      },
    ]);
  });

  it('plan: a selection contains each tracked session once, and every plan has its own digest', async () => {
    await importSessions(app, flinks, importLinesOf(3));
    const [third = 0, second = 0] = await listSessionKeys();
    const plan = await createPlan(app, { sessionKeys: [second, third, second, 999_999] });
    expect((await getItems(app, plan.id)).rows.map(({ sessionKey }) => sessionKey)).toEqual([third, second]);
    expect(plan).toMatchObject({ sessions: 2, requiresTypedCount: false, origin: { kind: 'selection' } });
    expect((await createPlan(app, { sessionKeys: [third, second] })).digest).not.toBe(plan.digest);
  });

  it('plan: has an eligibility for each session, and only eligible sessions wait', async () => {
    const oneHourAgo = new Date(Date.now() - 3_600_000).toISOString();
    await importSessions(app, flinks, [
      { id: flinksId(1) },
      { id: flinksId(2), status: 'Expired' },
      { id: flinksId(3), updatedAt: oneHourAgo },
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
    const itemsById = new Map(
      (await getItems(app, plan.id)).rows.map((row) => [
        row.sessionId,
        [row.eligibility, row.outcome, row.foundStatus],
      ]),
    );
    expect(Object.fromEntries(itemsById)).toEqual({
      [flinksId(1)]: ['will_cancel', 'waiting', null],
      [flinksId(2)]: ['already_final', 'left_out', 'expired'],
      [flinksId(3)]: ['stale', 'waiting', null],
      [flinksId(4)]: ['will_cancel', 'waiting', null],
      'ps-000000000000000000000001': ['connection_locked', 'left_out', null],
    });
    expect(plan).toMatchObject({ sessions: 5, eligible: 3, outcomeCounts: { waiting: 3, left_out: 2 } });
    const { amounts } = await app.handlers['batches.getSummary']({ batchId: plan.id });
    expect(amounts).toEqual([{ currency: 'CAD', total: '195.30', sessions: 3, withoutAmount: 0 }]);
  });

  it('plan: a selection without a session and more than 20 open plans are refused', async () => {
    await expect(app.handlers['batches.plan'](allSessionsInput)).rejects.toMatchObject({
      code: 'plan_empty',
      messageKey: 'batch.selectionEmpty',
    });
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
      messageKey: 'batch.tooManyPlans',
    });
    await app.handlers['batches.discard']({ batchId: plans[0]?.id ?? '' });
    await createPlan(app, { sessionKeys: [key] });
  });

  it('discard: deletes the items of a complete or incomplete plan, and the plan stays listed', async () => {
    insertSessions(dataFolder, flinks, 12_000);
    const incomplete = await app.handlers['batches.plan'](allSessionsInput);
    expect((await app.handlers['batches.discard']({ batchId: incomplete.id })).state).toBe('discarded');
    const complete = await createPlan(app, allSessionsInput);
    await app.handlers['batches.discard']({ batchId: complete.id });
    await expect(app.handlers['batches.discard']({ batchId: complete.id })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    for (const { id } of [incomplete, complete]) {
      await expect.poll(async () => (await getItems(app, id)).rows).toEqual([]);
      expect(await app.handlers['batches.get']({ batchId: id })).toMatchObject({
        state: 'discarded',
        outcomeCounts: {},
        eligibilityCounts: {},
      });
    }
    expect((await auditRecordsOf(app, incomplete.id)).map(({ action }) => action)).toEqual(['batch_discarded']);
    expect((await app.handlers['batches.get']({ batchId: complete.id })).sessions).toBe(12_000);
  });

  it('restart: incomplete plans are discarded, and a plan older than 30 minutes expires', async () => {
    insertSessions(dataFolder, flinks, 12_000);
    const oldPlan = await createPlan(app, allSessionsInput);
    const withoutDigest = await createPlan(app, allSessionsInput);
    const incomplete = await app.handlers['batches.plan'](allSessionsInput);
    await app.close();
    executeSql(
      dataFolder,
      `UPDATE batches SET planned_at = '2026-01-01T00:00:00.000Z' WHERE id = '${oldPlan.id}'`,
      `UPDATE batches SET digest = NULL WHERE id = '${withoutDigest.id}'`,
    );
    app = await openTestApp({ dataFolder, keychain });
    const { rows } = await app.handlers['batches.list']({ before: null, limit: 10 });
    expect(Object.fromEntries(rows.map(({ id, state }) => [id, state]))).toEqual({
      [oldPlan.id]: 'expired',
      [withoutDigest.id]: 'discarded',
      [incomplete.id]: 'discarded',
    });
    expect((await auditRecordsOf(app, oldPlan.id)).at(-1)).toMatchObject({
      action: 'batch_discarded',
      outcome: 'expired',
    });
    expect((await auditRecordsOf(app, incomplete.id)).at(-1)).toMatchObject({
      action: 'batch_discarded',
      outcome: 'interrupted',
    });
    for (const { id } of [incomplete, oldPlan, withoutDigest])
      await expect.poll(async () => (await getItems(app, id)).total).toBe(0);
  });

  it('plan: a single cancellation is recorded before the creation of a large plan ends', async () => {
    await importSessions(app, flinks, importLinesOf(10));
    const { rows } = await app.handlers['sessions.list'](sessionPageInput({ search: flinksId(3) }));
    insertSessions(dataFolder, flinks, 40_000);
    const { id } = await app.handlers['batches.plan'](allSessionsInput);
    // No server listens at the address of the account.
    const cancelling = app.handlers['cancellations.request']({ sessionKey: rows[0]?.key ?? 0, reason });
    expect(await waitForBatch(app, id, isInState('planned'))).toMatchObject({ sessions: 40_010 });
    expect((await cancelling).state).toBe('not_sent');
    const actions = (await app.handlers['audit.list']({ before: null, limit: 50 })).rows.map(({ action }) => action);
    // The newest record is the first one.
    expect(actions.indexOf('cancel_intended')).toBeGreaterThan(actions.indexOf('batch_planned'));
    expect(actions).toContain('batch_planned');
  });
});

describe('batches.refreshPlan', () => {
  it('refreshPlan: reads outdated sessions, evaluates all again and blocks the confirmation until then', async () => {
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
    const xenditFields = { status: 'ACTIVE', currency: 'IDR' };
    const lines = [
      { ...xenditFields, id: first, updatedAt: '2026-01-01T00:00:00.000Z' },
      { ...xenditFields, id: second },
    ];
    await importSessions(app, xendit, lines, 'payment_session');
    await simulator.control('setState', first, 'expired');
    const plan = await createPlan(app, allSessionsInput);
    expect(plan.eligibilityCounts).toEqual({ stale: 1, will_cancel: 1 });
    await simulator.control('setFaults', [{ route: 'read', fault: 'latency', delayMs: 600_000 }]);
    const refresh = await app.handlers['batches.refreshPlan']({ batchId: plan.id });
    expect(refresh).toMatchObject({ state: 'running', total: 1 });
    const confirmation = { batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: null };
    await expect(app.handlers['batches.confirm'](confirmation)).rejects.toMatchObject({
      code: 'plan_changed',
      messageKey: 'batch.planBeingRefreshed',
    });
    await expect(app.handlers['batches.refreshPlan']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'refresh_refused',
      messageKey: 'batch.refreshRunning',
    });
    await simulator.control('setFaults', []);
    const evaluated = await waitForBatch(
      app,
      plan.id,
      ({ eligibilityCounts, digest }) => digest !== null && eligibilityCounts.stale === undefined,
    );
    expect(evaluated).toMatchObject({
      sessions: 2,
      eligible: 1,
      eligibilityCounts: { already_final: 1, will_cancel: 1 },
      outcomeCounts: { left_out: 1, waiting: 1 },
    });
    expect(evaluated.digest).not.toBe(plan.digest);
    const { statuses } = await app.handlers['batches.getSummary']({ batchId: plan.id });
    expect(statuses).toContainEqual({ status: 'expired', sessions: 1, asked: 0 });
    expect((await auditRecordsOf(app, plan.id)).map(({ action }) => action)).toEqual([
      'batch_planned',
      'batch_declined',
      'batch_refreshed',
    ]);
    await expect(app.handlers['batches.confirm'](confirmation)).rejects.toMatchObject({ code: 'plan_changed' });
    // No session of the plan is outdated now.
    await expect(app.handlers['batches.refreshPlan']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'refresh_refused',
    });
  });

  it('refreshPlan: a stopped refresh evaluates the plan, and the discard of the plan stops the refresh', async () => {
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

describe('a plan that is altered during a refresh', () => {
  it('refreshPlan: an altered plan is not evaluated, so it gets no valid digest and cannot be confirmed', async () => {
    await importSessions(
      app,
      flinks,
      importLinesOf(5).map((line) => ({ ...line, updatedAt: '2026-01-01T00:00:00.000Z' })),
    );
    const plan = await createPlan(app, allSessionsInput);
    const { refreshId } = await app.handlers['batches.refreshPlan']({ batchId: plan.id });
    executeSql(dataFolder, `UPDATE batch_items SET session_id = 'another' WHERE position = 2`);
    await app.handlers['refreshes.stop']({ refreshId });
    const readTampered = () =>
      app.handlers['batches.confirm']({ batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: null }).then(
        ({ state }) => state,
        (error: unknown) => (isAppError(error) ? (error as AppError).details['tampered'] : error),
      );
    await expect.poll(readTampered).toBe(true);
    expect((await auditRecordsOf(app, plan.id)).map(({ action }) => action)).not.toContain('batch_refreshed');
  });
});

describe('removals.start', () => {
  it('removeOld: sessions of an open plan stay, and are removed after the plan was discarded', async () => {
    const firstSeenAt = '2026-01-05T10:00:00.000Z';
    await importSessions(
      app,
      flinks,
      importLinesOf(3).map((line) => ({ ...line, status: 'Expired' })),
    );
    executeSql(dataFolder, `UPDATE sessions SET first_seen_at = '${firstSeenAt}'`);
    const [, second = 0] = await listSessionKeys();
    const plan = await createPlan(app, { sessionKeys: [second] });
    const { count } = await app.handlers['removals.countSessions']({ olderThanDays: 90 });
    const removed = await app.handlers['removals.start']({ olderThanDays: 90 });
    expect(removed.removedCount).toBe(count);
    expect(removed.removedCount).toBe(1);
    expect(await listSessionKeys()).toContain(second);
    await app.handlers['batches.discard']({ batchId: plan.id });
    expect((await app.handlers['removals.start']({ olderThanDays: 90 })).removedCount).toBe(1);
  });
});
