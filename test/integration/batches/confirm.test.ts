import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allSessions, type Batch, type CheckedInput, type Connection } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, freshFolder, memoryKeychain, nowhere, openTestDesk, reason } from '../../support/app.ts';
import { alter, flinksId, importLines, inState, items, onRecord, planned, until } from './plan-fixtures.ts';

let dataFolder: string;
let desk: Desk;
let flinks: Connection;
const keychain = memoryKeychain();
/** Nothing is sent here: a confirmed plan stays armed for as long as a test takes. */
const armed = { armedMs: 600_000 };

beforeEach(async () => {
  dataFolder = freshFolder();
  desk = await openTestDesk({ dataFolder, keychain, ...armed });
  ({ flinks } = await connect(desk, nowhere));
});
afterEach(() => desk.close());

const lines = (count: number) => Array.from({ length: count }, (_, index) => ({ id: flinksId(index) }));
const planOf = async (count: number): Promise<Batch> => {
  await importLines(desk, flinks, lines(count));
  return await planned(desk, { filter: allSessions, except: [] });
};
const confirm = ({ id, digest }: Batch, changes: Partial<CheckedInput<'batches.confirm'>> = {}) =>
  desk.handlers['batches.confirm']({ batchId: id, digest: digest ?? '', reason, typedCount: null, ...changes });
const stateOf = async ({ id }: Batch) => (await desk.handlers['batches.get']({ batchId: id })).state;
const declined = async ({ id }: Pick<Batch, 'id'>) =>
  (await onRecord(desk, id))
    .filter(({ action }) => action === 'batch_declined')
    .map(({ detail, reasonCategory, reasonNote }) => [detail, reasonCategory, reasonNote]);
const more = (position: number) => `INSERT INTO batch_items
  SELECT batch_number, ${position}, 98, connection_id, product, 'more', reference, amount, currency, status, verdict, outcome,
    NULL, NULL, NULL, NULL, NULL FROM batch_items WHERE position = 1`;
const onceDeclined = (code: string) => [[code, reason.category, reason.note]];

describe('a confirmation', () => {
  it('makes a plan a batch, with reason and digest on record', async () => {
    const plan = await planOf(3);
    const batch = await confirm(plan);
    expect(batch).toMatchObject({
      id: plan.id,
      state: 'armed',
      reason,
      digest: plan.digest,
      sessions: 3,
      asked: 3,
      expiresAt: null,
    });
    expect(batch.startsAt).not.toBeNull();
    expect((await onRecord(desk, plan.id)).at(-1)).toMatchObject({
      action: 'batch_confirmed',
      reasonCategory: reason.category,
      reasonNote: reason.note,
      operator: 'olivia',
      detail: `3 sessions, 3 to be cancelled, digest ${plan.digest}`,
    });
  });

  it('is good once: of two at the same time the first one counts', async () => {
    const plan = await planOf(3);
    const answers = await Promise.allSettled([confirm(plan), confirm(plan)]);
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'plan_used', details: { state: 'armed' } } },
    ]);
    await desk.handlers['batches.callOff']({ batchId: plan.id });
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_used', details: { state: 'called_off' } });
    expect(await declined(plan)).toHaveLength(2);
  });

  it('of a plan that is not in the record, is thrown away, or is still being made is declined', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await expect(confirm({ id, digest: '' } as Batch)).rejects.toMatchObject({ code: 'batch_not_found' });
    expect(await declined({ id })).toEqual(onceDeclined('batch_not_found'));
    const plan = await planOf(2);
    await desk.handlers['batches.discard']({ batchId: plan.id });
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_used', details: { state: 'discarded' } });
    await importLines(
      desk,
      flinks,
      Array.from({ length: 20_000 }, (_, index) => ({ id: flinksId(1_000 + index) })),
    );
    const making = await desk.handlers['batches.plan']({ filter: allSessions, except: [] });
    await expect(confirm(making)).rejects.toMatchObject({ code: 'plan_used', details: { state: 'planning' } });
    await until(desk, making.id, inState('planned'));
  });

  it('by another operator, or from another machine, is declined', async () => {
    const plan = await planOf(2);
    for (const other of [{ operator: 'paul' }, { hostName: 'desk-8' }]) {
      await desk.close();
      desk = await openTestDesk({ dataFolder, keychain, ...armed, ...other });
      await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_foreign' });
      expect(await stateOf(plan)).toBe('planned');
    }
    expect(await declined(plan)).toEqual([...onceDeclined('plan_foreign'), ...onceDeclined('plan_foreign')]);
    await desk.close();
    desk = await openTestDesk({ dataFolder, keychain, ...armed });
    expect((await confirm(plan)).state).toBe('armed');
  });

  it('of a plan older than half an hour is declined, and expires it', async () => {
    const plan = await planOf(2);
    alter(dataFolder, `UPDATE batches SET planned_at = '2026-01-01T00:00:00.000Z'`);
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_expired' });
    expect(await stateOf(plan)).toBe('expired');
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_expired' });
    expect((await onRecord(desk, plan.id)).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['batch_planned', 'filter'],
      ['batch_declined', null],
      ['batch_discarded', 'expired'],
      ['batch_declined', null],
    ]);
  });

  it('with the digest of another plan is declined', async () => {
    const plan = await planOf(2);
    const other = await planned(desk, { filter: allSessions, except: [] });
    await expect(confirm(plan, { digest: other.digest ?? '' })).rejects.toMatchObject({ code: 'plan_changed' });
    expect(await declined(plan)).toEqual(onceDeclined('plan_changed'));
    expect(await stateOf(plan)).toBe('planned');
  });

  it.each([
    ['another session in the place of one', `UPDATE batch_items SET session_id = 'ps-other' WHERE position = 2`],
    ['another session key', `UPDATE batch_items SET session_key = 999 WHERE position = 2`],
    ['a session more', more(99)],
    ['a session more before the first', more(-7)],
    ['a session less', 'DELETE FROM batch_items WHERE position = 2'],
    [
      'a session asked for that was left out',
      `UPDATE batch_items SET outcome = 'waiting' WHERE verdict = 'already_final'`,
    ],
    [
      'another verdict',
      `UPDATE batch_items SET verdict = 'will_cancel', outcome = 'waiting' WHERE verdict = 'already_final'`,
    ],
    ['another count', 'UPDATE batches SET asked = 1'],
    ['another product', `UPDATE batch_items SET product = 'eft' WHERE position = 1`],
  ])('of a plan in whose file somebody put %s is declined', async (_what, statement) => {
    await importLines(desk, flinks, [...lines(3), { id: flinksId(9), status: 'Expired' }]);
    const plan = await planned(desk, { filter: allSessions, except: [] });
    expect(plan).toMatchObject({ sessions: 4, asked: 3 });
    alter(dataFolder, statement);
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_changed', details: { tampered: true } });
    expect(await declined(plan)).toEqual(onceDeclined('plan_changed'));
    expect(await stateOf(plan)).toBe('planned');
  });

  it('above twenty-five sessions wants their number, and says how many there are', async () => {
    const plan = await planOf(26);
    expect(plan.needsCount).toBe(true);
    for (const typedCount of [null, 25, 27]) {
      await expect(confirm(plan, { typedCount })).rejects.toMatchObject({
        code: 'count_wrong',
        details: { asked: 26 },
      });
    }
    expect(await declined(plan)).toHaveLength(3);
    expect((await confirm(plan, { typedCount: 26 })).state).toBe('armed');
  });

  it('of few wants no number, but not a wrong one either', async () => {
    const plan = await planOf(25);
    expect(plan.needsCount).toBe(false);
    await expect(confirm(plan, { typedCount: 24 })).rejects.toMatchObject({ code: 'count_wrong' });
    expect((await confirm(plan)).state).toBe('armed');
  });

  it('of a single session in production wants the number', async () => {
    const live = await desk.handlers['connections.add']({
      name: 'Flinks live',
      environment: 'production',
      baseUrl: 'https://pay.example.test',
      secret: 'a-live-secret-of-nobody',
      keepForThisRun: false,
      options: flinks.options,
    });
    await importLines(desk, live, lines(1));
    const plan = await planned(desk, { filter: allSessions, except: [] });
    expect(plan).toMatchObject({ asked: 1, needsCount: true });
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'count_wrong' });
    expect((await confirm(plan, { typedCount: 1 })).state).toBe('armed');
  });

  it('of a plan in which nothing can be cancelled is declined', async () => {
    await importLines(desk, flinks, [{ id: flinksId(1), status: 'Expired' }]);
    const plan = await planned(desk, { filter: allSessions, except: [] });
    expect(plan).toMatchObject({ sessions: 1, asked: 0 });
    await expect(confirm(plan)).rejects.toMatchObject({ code: 'plan_empty' });
    expect(await declined(plan)).toEqual(onceDeclined('plan_empty'));
  });
});

describe('a plan to try again', () => {
  it('holds what was not sent, once the batch has ended, and nothing else', async () => {
    await importLines(desk, flinks, [...lines(3), { id: flinksId(9), status: 'Expired' }]);
    const plan = await planned(desk, { filter: allSessions, except: [] });
    await expect(desk.handlers['batches.planRetry']({ batchId: plan.id, only: 'failed' })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    await confirm(plan);
    await desk.handlers['batches.callOff']({ batchId: plan.id });
    await until(desk, plan.id, ({ outcomes }) => outcomes.not_sent === 3);
    await expect(desk.handlers['batches.planRetry']({ batchId: plan.id, only: 'unknown' })).rejects.toMatchObject({
      code: 'plan_empty',
    });
    const { id } = await desk.handlers['batches.planRetry']({ batchId: plan.id, only: 'failed' });
    const again = await until(desk, id, inState('planned'));
    expect(again).toMatchObject({ sessions: 3, asked: 3, origin: { kind: 'retry', of: plan.id, only: 'failed' } });
    const sent = (await items(desk, plan.id, { filter: { outcomes: ['not_sent'] } })).rows;
    expect((await items(desk, id)).rows.map(({ sessionKey }) => sessionKey)).toEqual(
      sent.map(({ sessionKey }) => sessionKey),
    );
  });
});
