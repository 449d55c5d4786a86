import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { allSessions, isDeskError, type Connection, type DeskError } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, freshFolder, listed, memoryKeychain, nowhere, openTestDesk, reason } from '../../support/app.ts';
import { spawnSimulator } from '../../support/spawn-simulator.ts';
import { alter, flinksId, importLines, inState, items, onRecord, planned, until } from './plan-fixtures.ts';

let dataFolder: string;
let desk: Desk;
let flinks: Connection;
let xendit: Connection;
const keychain = memoryKeychain();

beforeEach(async () => {
  dataFolder = freshFolder();
  desk = await openTestDesk({ dataFolder, keychain });
  ({ flinks, xendit } = await connect(desk, nowhere));
});
afterEach(() => desk.close());

const everything = { filter: allSessions, except: [] };
const many = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ id: flinksId(from + index) }));
const keys = async () => (await desk.handlers['sessions.page'](listed())).rows.map(({ key }) => key);

describe('a plan', () => {
  it('of a filter freezes all that matches but what was taken out, each connection’s sessions together and newest first', async () => {
    await importLines(desk, flinks, many(1_300));
    const told = { currency: 'IDR', status: 'ACTIVE' };
    const links = Array.from({ length: 1_100 }, (_, index) => ({
      ...told,
      id: `ps-${String(index).padStart(24, '0')}`,
    }));
    await importLines(desk, xendit, links, 'payment_session');
    const [newest = 0] = await keys();
    const began = await desk.handlers['batches.plan']({ filter: allSessions, except: [newest] });
    expect(began).toMatchObject({
      state: 'planning',
      digest: null,
      operator: 'olivia',
      origin: { kind: 'filter', except: 1 },
    });
    const plan = await until(desk, began.id, inState('planned'));
    expect(plan).toMatchObject({
      sessions: 2_399,
      asked: 2_399,
      verdicts: { will_cancel: 2_399 },
      outcomes: { waiting: 2_399 },
      needsCount: true,
    });
    expect(plan.digest).toMatch(/^[0-9a-f]{64}$/);
    const all = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Awaited<ReturnType<typeof items>> = await items(desk, plan.id, { after });
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
    expect(await desk.handlers['batches.summary']({ batchId: plan.id })).toEqual({
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
    expect(await onRecord(desk, plan.id)).toMatchObject([
      {
        action: 'batch_planned',
        outcome: 'filter',
        detail: expect.stringContaining(`2399 sessions, 2399 to be cancelled, digest ${plan.digest}`) as string,
      },
    ]);
  });

  it('of a selection takes each session once, passes over what is not tracked, and is another for every plan', async () => {
    await importLines(desk, flinks, many(3));
    const [third = 0, second = 0] = await keys();
    const plan = await planned(desk, { sessionKeys: [second, third, second, 999_999] });
    expect((await items(desk, plan.id)).rows.map(({ sessionKey }) => sessionKey)).toEqual([third, second]);
    expect(plan).toMatchObject({ sessions: 2, needsCount: false, origin: { kind: 'selection' } });
    expect((await planned(desk, { sessionKeys: [third, second] })).digest).not.toBe(plan.digest);
  });

  it('says of each session what will be, and asks only for those it may', async () => {
    const old = new Date(Date.now() - 3_600_000).toISOString();
    await importLines(desk, flinks, [
      { id: flinksId(1) },
      { id: flinksId(2), status: 'Expired' },
      { id: flinksId(3), updatedAt: old },
    ]);
    await importLines(desk, flinks, [{ id: flinksId(4) }], 'e_transfer');
    await importLines(
      desk,
      xendit,
      [{ id: 'ps-000000000000000000000001', status: 'ACTIVE', currency: 'IDR' }],
      'payment_session',
    );
    await desk.handlers['connections.setLocked']({ connectionId: xendit.id, locked: true });
    const plan = await planned(desk, everything);
    const found = new Map(
      (await items(desk, plan.id)).rows.map((row) => [row.sessionId, [row.verdict, row.outcome, row.foundStatus]]),
    );
    expect(Object.fromEntries(found)).toEqual({
      [flinksId(1)]: ['will_cancel', 'waiting', null],
      [flinksId(2)]: ['already_final', 'left_out', 'expired'],
      [flinksId(3)]: ['stale', 'waiting', null],
      [flinksId(4)]: ['will_cancel', 'waiting', null],
      'ps-000000000000000000000001': ['connection_locked', 'left_out', null],
    });
    expect(plan).toMatchObject({ sessions: 5, asked: 3, outcomes: { waiting: 3, left_out: 2 } });
    const { amounts } = await desk.handlers['batches.summary']({ batchId: plan.id });
    expect(amounts).toEqual([{ currency: 'CAD', total: '195.30', sessions: 3, withoutAmount: 0 }]);
  });

  it('without a session is none, and no more than twenty are open', async () => {
    await expect(desk.handlers['batches.plan'](everything)).rejects.toMatchObject({ code: 'plan_empty' });
    await importLines(desk, flinks, many(1));
    const [key = 0] = await keys();
    await expect(desk.handlers['batches.plan']({ sessionKeys: [key + 1] })).rejects.toMatchObject({
      code: 'plan_empty',
    });
    const plans = await Promise.all(
      Array.from({ length: 20 }, () => desk.handlers['batches.plan']({ sessionKeys: [key] })),
    );
    await expect(desk.handlers['batches.plan']({ sessionKeys: [key] })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    await desk.handlers['batches.discard']({ batchId: plans[0]?.id ?? '' });
    await planned(desk, { sessionKeys: [key] });
  });

  it('thrown away loses its sessions and stays on record; thrown away while it is made it is never planned', async () => {
    await importLines(desk, flinks, many(12_000));
    const half = await desk.handlers['batches.plan'](everything);
    expect((await desk.handlers['batches.discard']({ batchId: half.id })).state).toBe('discarded');
    const whole = await planned(desk, everything);
    await desk.handlers['batches.discard']({ batchId: whole.id });
    await expect(desk.handlers['batches.discard']({ batchId: whole.id })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    for (const { id } of [half, whole]) {
      await expect.poll(async () => (await items(desk, id)).rows).toEqual([]);
      expect(await desk.handlers['batches.get']({ batchId: id })).toMatchObject({
        state: 'discarded',
        outcomes: {},
        verdicts: {},
      });
    }
    expect((await onRecord(desk, half.id)).map(({ action }) => action)).toEqual(['batch_discarded']);
    expect((await desk.handlers['batches.get']({ batchId: whole.id })).sessions).toBe(12_000);
  });

  it('half made when the console ends is thrown away at the next start, and one that is older than half an hour expires', async () => {
    await importLines(desk, flinks, many(12_000));
    const old = await planned(desk, everything);
    const cut = await planned(desk, everything);
    const half = await desk.handlers['batches.plan'](everything);
    await desk.close();
    alter(
      dataFolder,
      `UPDATE batches SET planned_at = '2026-01-01T00:00:00.000Z' WHERE id = '${old.id}'`,
      `UPDATE batches SET digest = NULL WHERE id = '${cut.id}'`,
    );
    desk = await openTestDesk({ dataFolder, keychain });
    const { rows } = await desk.handlers['batches.list']({ before: null, limit: 10 });
    expect(Object.fromEntries(rows.map(({ id, state }) => [id, state]))).toEqual({
      [old.id]: 'expired',
      [cut.id]: 'discarded',
      [half.id]: 'discarded',
    });
    expect((await onRecord(desk, old.id)).at(-1)).toMatchObject({ action: 'batch_discarded', outcome: 'expired' });
    expect((await onRecord(desk, half.id)).at(-1)).toMatchObject({ action: 'batch_discarded', outcome: 'interrupted' });
    for (const { id } of [half, old, cut]) await expect.poll(async () => (await items(desk, id)).total).toBe(0);
  });

  it('holds up no intent, however many sessions it has', async () => {
    await importLines(desk, flinks, many(10));
    alter(
      dataFolder,
      `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 100000)
      INSERT INTO sessions (connection_id, product, id, status, source, first_seen_at)
      SELECT '${flinks.id}', 'geft', 'bulk-' || number, 'active', 'imported', '2026-11-20T00:00:00.000Z' FROM numbers`,
    );
    const order: string[] = [];
    const began = await desk.handlers['batches.plan'](everything);
    const whole = until(desk, began.id, inState('planned')).then((plan) => {
      order.push('planned');
      return plan;
    });
    const sessionKey = (await desk.handlers['sessions.page'](listed({ search: flinksId(3) }))).rows[0]?.key ?? 0;
    const cancellation = await desk.handlers['cancellations.request']({ sessionKey, reason });
    order.push(cancellation.state);
    await whole;
    // Nobody listens at the account's address: the intent was durable, the call was made, and it was settled before the plan was.
    expect(order).toEqual(['not_sent', 'planned']);
    expect(await whole).toMatchObject({ sessions: 100_010 });
  });
});

describe('the refresh of a plan', () => {
  it('reads what it knows too little about, judges every session anew, and has another digest; nothing is confirmed meanwhile', async () => {
    const simulator = await spawnSimulator({ sessions: 60 });
    onTestFinished(() => simulator.stop());
    await desk.close();
    desk = await openTestDesk({ keychain: memoryKeychain() });
    ({ xendit } = await connect(desk, simulator));
    const [first = '', second = ''] = (await simulator.control('sessions'))
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
    await importLines(desk, xendit, lines, 'payment_session');
    await simulator.control('setState', first, 'expired');
    const plan = await planned(desk, everything);
    expect(plan.verdicts).toEqual({ stale: 1, will_cancel: 1 });
    const refresh = await desk.handlers['batches.refreshPlan']({ batchId: plan.id });
    expect(refresh).toMatchObject({ state: 'running', total: 1 });
    const confirmation = { batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: null };
    await expect(desk.handlers['batches.confirm'](confirmation)).rejects.toMatchObject({ code: 'plan_changed' });
    await expect(desk.handlers['batches.refreshPlan']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'refresh_refused',
    });
    const judged = await until(
      desk,
      plan.id,
      ({ verdicts, digest }) => digest !== null && verdicts.stale === undefined,
    );
    expect(judged).toMatchObject({
      sessions: 2,
      asked: 1,
      verdicts: { already_final: 1, will_cancel: 1 },
      outcomes: { left_out: 1, waiting: 1 },
    });
    expect(judged.digest).not.toBe(plan.digest);
    const { statuses } = await desk.handlers['batches.summary']({ batchId: plan.id });
    expect(statuses).toContainEqual({ status: 'expired', sessions: 1, asked: 0 });
    expect((await onRecord(desk, plan.id)).map(({ action }) => action)).toEqual([
      'batch_planned',
      'batch_declined',
      'batch_refreshed',
    ]);
    await expect(desk.handlers['batches.confirm'](confirmation)).rejects.toMatchObject({ code: 'plan_changed' });
    // Nothing in it is stale any more.
    await expect(desk.handlers['batches.refreshPlan']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'refresh_refused',
    });
  });

  it('that is stopped judges what was read, and one of a plan that is thrown away reads no further', async () => {
    await importLines(
      desk,
      flinks,
      many(30).map((line) => ({ ...line, updatedAt: '2026-01-01T00:00:00.000Z' })),
    );
    const plan = await planned(desk, everything);
    const { refreshId } = await desk.handlers['batches.refreshPlan']({ batchId: plan.id });
    await desk.handlers['refreshes.stop']({ refreshId });
    await expect
      .poll(async () => (await onRecord(desk, plan.id)).map(({ action }) => action))
      .toEqual(['batch_planned', 'batch_refreshed']);
    await expect
      .poll(() =>
        desk.handlers['batches.refreshPlan']({ batchId: plan.id }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await desk.handlers['batches.discard']({ batchId: plan.id });
    await expect
      .poll(async () => (await desk.handlers['refreshes.list']({})).every(({ state }) => state !== 'running'))
      .toBe(true);
    expect((await onRecord(desk, plan.id)).at(-1)).toMatchObject({ action: 'batch_discarded', outcome: 'discarded' });
  });
});

describe('a plan that is altered in the file while it is refreshed', () => {
  it('is not judged anew: it would have a digest again, and be confirmed', async () => {
    await importLines(
      desk,
      flinks,
      many(5).map((line) => ({ ...line, updatedAt: '2026-01-01T00:00:00.000Z' })),
    );
    const plan = await planned(desk, everything);
    const { refreshId } = await desk.handlers['batches.refreshPlan']({ batchId: plan.id });
    alter(dataFolder, `UPDATE batch_items SET session_id = 'another' WHERE position = 2`);
    await desk.handlers['refreshes.stop']({ refreshId });
    const confirming = () =>
      desk.handlers['batches.confirm']({ batchId: plan.id, digest: plan.digest ?? '', reason, typedCount: null }).then(
        ({ state }) => state,
        (error: unknown) => (isDeskError(error) ? (error as DeskError).details['tampered'] : error),
      );
    await expect.poll(confirming).toBe(true);
    expect((await onRecord(desk, plan.id)).map(({ action }) => action)).not.toContain('batch_refreshed');
  });
});

describe('what a plan names', () => {
  it('is not removed while the plan is open, and can be when it is thrown away', async () => {
    const old = '2026-01-05T10:00:00.000Z';
    await importLines(
      desk,
      flinks,
      many(3).map((line) => ({ ...line, status: 'Expired' })),
    );
    alter(dataFolder, `UPDATE sessions SET first_seen_at = '${old}'`);
    const [, second = 0] = await keys();
    const plan = await planned(desk, { sessionKeys: [second] });
    const { count } = await desk.handlers['sessions.countOld']({ olderThanDays: 90 });
    const before = await desk.handlers['sessions.removeOld']({ olderThanDays: 90 });
    expect(before.removed).toBe(count);
    expect(before.removed).toBe(1);
    expect(await keys()).toContain(second);
    await desk.handlers['batches.discard']({ batchId: plan.id });
    expect((await desk.handlers['sessions.removeOld']({ olderThanDays: 90 })).removed).toBe(1);
  });
});
