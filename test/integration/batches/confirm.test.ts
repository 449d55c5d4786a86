import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptySessionFilter, type Batch, type ParsedInput, type Connection } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  unreachableProvider,
  openTestApp,
  reason,
} from '../../support/app.ts';
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
const keychain = memoryKeychain();
/** Nothing is sent here: a confirmed plan stays armed for as long as a test takes. */
const longStartDelay = { startDelayMs: 600_000 };

beforeEach(async () => {
  dataFolder = createTempFolder();
  app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
  ({ flinks } = await addConnections(app, unreachableProvider));
});
afterEach(() => app.close());

const importLinesOf = (count: number) => Array.from({ length: count }, (_, index) => ({ id: flinksId(index) }));
const createPlanOf = async (count: number): Promise<Batch> => {
  await importSessions(app, flinks, importLinesOf(count));
  return await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
};
const confirmPlan = ({ id, digest }: Batch, changes: Partial<ParsedInput<'batches.confirm'>> = {}) =>
  app.handlers['batches.confirm']({ batchId: id, digest: digest ?? '', reason, typedCount: null, ...changes });
const stateOf = async ({ id }: Batch) => (await app.handlers['batches.get']({ batchId: id })).state;
const declinedRecords = async ({ id }: Pick<Batch, 'id'>) =>
  (await auditRecordsOf(app, id))
    .filter(({ action }) => action === 'batch_declined')
    .map(({ detail, reasonCategory, reasonNote }) => [detail, reasonCategory, reasonNote]);
const insertItemSql = (position: number) => `INSERT INTO batch_items
  SELECT batch_number, ${position}, 98, connection_id, product, 'more', reference, amount, currency, status, verdict, outcome,
    NULL, NULL, NULL, NULL, NULL FROM batch_items WHERE position = 1`;
const singleDeclinedRecord = (code: string) => [[code, reason.category, reason.note]];

describe('a confirmation', () => {
  it('makes a plan a batch, with reason and digest on record', async () => {
    const plan = await createPlanOf(3);
    const batch = await confirmPlan(plan);
    expect(batch).toMatchObject({
      id: plan.id,
      state: 'armed',
      reason,
      digest: plan.digest,
      sessions: 3,
      eligible: 3,
      expiresAt: null,
    });
    expect(batch.startsAt).not.toBeNull();
    expect((await auditRecordsOf(app, plan.id)).at(-1)).toMatchObject({
      action: 'batch_confirmed',
      reasonCategory: reason.category,
      reasonNote: reason.note,
      operator: 'olivia',
      detail: `3 sessions, 3 to be cancelled, digest ${plan.digest}`,
    });
  });

  it('is good once: of two at the same time the first one counts', async () => {
    const plan = await createPlanOf(3);
    const answers = await Promise.allSettled([confirmPlan(plan), confirmPlan(plan)]);
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'plan_already_confirmed', details: { state: 'armed' } } },
    ]);
    await app.handlers['batches.callOff']({ batchId: plan.id });
    await expect(confirmPlan(plan)).rejects.toMatchObject({
      code: 'plan_already_confirmed',
      details: { state: 'called_off' },
    });
    expect(await declinedRecords(plan)).toHaveLength(2);
  });

  it('of a plan that is not in the record, is thrown away, or is still being made is declined', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await expect(confirmPlan({ id, digest: '' } as Batch)).rejects.toMatchObject({ code: 'batch_not_found' });
    expect(await declinedRecords({ id })).toEqual(singleDeclinedRecord('batch_not_found'));
    const plan = await createPlanOf(2);
    await app.handlers['batches.discard']({ batchId: plan.id });
    await expect(confirmPlan(plan)).rejects.toMatchObject({
      code: 'plan_already_confirmed',
      details: { state: 'discarded' },
    });
    await importSessions(
      app,
      flinks,
      Array.from({ length: 20_000 }, (_, index) => ({ id: flinksId(1_000 + index) })),
    );
    const making = await app.handlers['batches.plan']({ filter: emptySessionFilter, excludedKeys: [] });
    await expect(confirmPlan(making)).rejects.toMatchObject({
      code: 'plan_already_confirmed',
      details: { state: 'planning' },
    });
    await waitForBatch(app, making.id, isInState('planned'));
  });

  it('by another operator, or from another machine, is declined', async () => {
    const plan = await createPlanOf(2);
    for (const other of [{ operator: 'paul' }, { hostName: 'desk-8' }]) {
      await app.close();
      app = await openTestApp({ dataFolder, keychain, ...longStartDelay, ...other });
      await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'plan_not_owner' });
      expect(await stateOf(plan)).toBe('planned');
    }
    expect(await declinedRecords(plan)).toEqual([
      ...singleDeclinedRecord('plan_not_owner'),
      ...singleDeclinedRecord('plan_not_owner'),
    ]);
    await app.close();
    app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
    expect((await confirmPlan(plan)).state).toBe('armed');
  });

  it('of a plan older than half an hour is declined, and expires it', async () => {
    const plan = await createPlanOf(2);
    executeSql(dataFolder, `UPDATE batches SET planned_at = '2026-01-01T00:00:00.000Z'`);
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'plan_expired' });
    expect(await stateOf(plan)).toBe('expired');
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'plan_expired' });
    expect((await auditRecordsOf(app, plan.id)).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['batch_planned', 'filter'],
      ['batch_declined', null],
      ['batch_discarded', 'expired'],
      ['batch_declined', null],
    ]);
  });

  it('with the digest of another plan is declined', async () => {
    const plan = await createPlanOf(2);
    const other = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    await expect(confirmPlan(plan, { digest: other.digest ?? '' })).rejects.toMatchObject({ code: 'plan_changed' });
    expect(await declinedRecords(plan)).toEqual(singleDeclinedRecord('plan_changed'));
    expect(await stateOf(plan)).toBe('planned');
  });

  it.each([
    ['another session in the place of one', `UPDATE batch_items SET session_id = 'ps-other' WHERE position = 2`],
    ['another session key', `UPDATE batch_items SET session_key = 999 WHERE position = 2`],
    ['a session more', insertItemSql(99)],
    ['a session more before the first', insertItemSql(-7)],
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
    await importSessions(app, flinks, [...importLinesOf(3), { id: flinksId(9), status: 'Expired' }]);
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    expect(plan).toMatchObject({ sessions: 4, eligible: 3 });
    executeSql(dataFolder, statement);
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'plan_changed', details: { tampered: true } });
    expect(await declinedRecords(plan)).toEqual(singleDeclinedRecord('plan_changed'));
    expect(await stateOf(plan)).toBe('planned');
  });

  it('above twenty-five sessions wants their number, and says how many there are', async () => {
    const plan = await createPlanOf(26);
    expect(plan.requiresTypedCount).toBe(true);
    for (const typedCount of [null, 25, 27]) {
      await expect(confirmPlan(plan, { typedCount })).rejects.toMatchObject({
        code: 'count_mismatch',
        details: { eligible: 26 },
      });
    }
    expect(await declinedRecords(plan)).toHaveLength(3);
    expect((await confirmPlan(plan, { typedCount: 26 })).state).toBe('armed');
  });

  it('of few wants no number, but not a wrong one either', async () => {
    const plan = await createPlanOf(25);
    expect(plan.requiresTypedCount).toBe(false);
    await expect(confirmPlan(plan, { typedCount: 24 })).rejects.toMatchObject({ code: 'count_mismatch' });
    expect((await confirmPlan(plan)).state).toBe('armed');
  });

  it('of a single session in production wants the number', async () => {
    const live = await app.handlers['connections.add']({
      name: 'Flinks live',
      environment: 'production',
      baseUrl: 'https://pay.example.test',
      secret: 'a-live-secret-of-nobody',
      allowInMemory: false,
      options: flinks.options,
    });
    await importSessions(app, live, importLinesOf(1));
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    expect(plan).toMatchObject({ eligible: 1, requiresTypedCount: true });
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'count_mismatch' });
    expect((await confirmPlan(plan, { typedCount: 1 })).state).toBe('armed');
  });

  it('of a plan in which nothing can be cancelled is declined', async () => {
    await importSessions(app, flinks, [{ id: flinksId(1), status: 'Expired' }]);
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    expect(plan).toMatchObject({ sessions: 1, eligible: 0 });
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'plan_empty' });
    expect(await declinedRecords(plan)).toEqual(singleDeclinedRecord('plan_empty'));
  });
});

describe('a plan to try again', () => {
  it('holds what was not sent, once the batch has ended, and nothing else', async () => {
    await importSessions(app, flinks, [...importLinesOf(3), { id: flinksId(9), status: 'Expired' }]);
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    await expect(app.handlers['batches.planRetry']({ batchId: plan.id, only: 'failed' })).rejects.toMatchObject({
      code: 'batch_refused',
    });
    await confirmPlan(plan);
    await app.handlers['batches.callOff']({ batchId: plan.id });
    await waitForBatch(app, plan.id, ({ outcomeCounts }) => outcomeCounts.not_sent === 3);
    await expect(app.handlers['batches.planRetry']({ batchId: plan.id, only: 'unknown' })).rejects.toMatchObject({
      code: 'plan_empty',
    });
    const { id } = await app.handlers['batches.planRetry']({ batchId: plan.id, only: 'failed' });
    const again = await waitForBatch(app, id, isInState('planned'));
    expect(again).toMatchObject({ sessions: 3, eligible: 3, origin: { kind: 'retry', of: plan.id, only: 'failed' } });
    const sent = (await getItems(app, plan.id, { filter: { outcomes: ['not_sent'] } })).rows;
    expect((await getItems(app, id)).rows.map(({ sessionKey }) => sessionKey)).toEqual(
      sent.map(({ sessionKey }) => sessionKey),
    );
  });
});
