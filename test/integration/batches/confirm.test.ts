import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptySessionFilter, type Batch, type ParsedInput, type Connection } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { computePlanDigest } from '../../../src-main/core/store/operations/plan-items.ts';
import { tamperWithFile } from '../../support/tamper-with-file.ts';
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
const keychain = memoryKeychain();
/** A confirmed plan stays armed during a test, so nothing is sent. */
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
  SELECT batch_number, ${position}, 98, connection_id, product, 'more', reference, amount, currency, status,
    verdict, outcome, NULL, NULL, NULL, NULL, NULL FROM batch_items WHERE position = 1`;
const singleDeclinedRecord = (code: string) => [[{ kind: 'code', code }, reason.category, reason.note]];

describe('batches.confirm', () => {
  it('confirm: arms the batch and records reason and digest in the audit log', async () => {
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
      detail: { kind: 'plan', sessions: 3, eligible: 3, digest: plan.digest, origin: null },
    });
  });

  it('confirm: of two concurrent calls only the first one succeeds', async () => {
    const plan = await createPlanOf(3);
    const results = await Promise.allSettled([confirmPlan(plan), confirmPlan(plan)]);
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'plan_already_confirmed', details: { state: 'armed' } } },
    ]);
    await app.handlers['batches.abort']({ batchId: plan.id });
    await expect(confirmPlan(plan)).rejects.toMatchObject({
      code: 'plan_already_confirmed',
      details: { state: 'called_off' },
    });
    expect(await declinedRecords(plan)).toHaveLength(2);
  });

  it('confirm: a plan that does not exist, was discarded or is being created is declined', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await expect(confirmPlan({ id, digest: '' } as Batch)).rejects.toMatchObject({ code: 'batch_not_found' });
    expect(await declinedRecords({ id })).toEqual(singleDeclinedRecord('batch_not_found'));
    const plan = await createPlanOf(2);
    await app.handlers['batches.discard']({ batchId: plan.id });
    await expect(confirmPlan(plan)).rejects.toMatchObject({
      code: 'plan_already_confirmed',
      details: { state: 'discarded' },
    });
    insertSessions(dataFolder, flinks, 20_000);
    const incompletePlan = await app.handlers['batches.plan']({ filter: emptySessionFilter, excludedKeys: [] });
    await expect(confirmPlan(incompletePlan)).rejects.toMatchObject({
      code: 'plan_already_confirmed',
      details: { state: 'planning' },
    });
    await waitForBatch(app, incompletePlan.id, isInState('planned'));
  });

  it('confirm: another operator and another computer are declined', async () => {
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

  it('confirm: a plan older than 30 minutes is declined and expires', async () => {
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

  it('confirm: the digest of another plan is declined', async () => {
    const plan = await createPlanOf(2);
    const other = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    await expect(confirmPlan(plan, { digest: other.digest ?? '' })).rejects.toMatchObject({
      code: 'plan_changed',
      messageKey: 'batch.planDiffersFromShown',
    });
    expect(await declinedRecords(plan)).toEqual(singleDeclinedRecord('plan_changed'));
    expect(await stateOf(plan)).toBe('planned');
  });

  it.each([
    ['another session ID', `UPDATE batch_items SET session_id = 'ps-other' WHERE position = 2`],
    ['another session key', `UPDATE batch_items SET session_key = 999 WHERE position = 2`],
    ['an added session', insertItemSql(99)],
    ['an added session before the first one', insertItemSql(-7)],
    ['a removed session', 'DELETE FROM batch_items WHERE position = 2'],
    [
      'an excluded session that became eligible',
      `UPDATE batch_items SET outcome = 'waiting' WHERE verdict = 'already_final'`,
    ],
    [
      'another eligibility',
      `UPDATE batch_items SET verdict = 'will_cancel', outcome = 'waiting' WHERE verdict = 'already_final'`,
    ],
    ['another count', 'UPDATE batches SET asked = 1'],
    ['another product', `UPDATE batch_items SET product = 'eft' WHERE position = 1`],
  ])('confirm: a plan whose stored items were altered is declined: %s', async (_change, statement) => {
    await importSessions(app, flinks, [...importLinesOf(3), { id: flinksId(9), status: 'Expired' }]);
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    expect(plan).toMatchObject({ sessions: 4, eligible: 3 });
    executeSql(dataFolder, statement);
    await expect(confirmPlan(plan)).rejects.toMatchObject({
      code: 'plan_changed',
      messageKey: 'batch.planAltered',
      details: { tampered: true },
    });
    expect(await declinedRecords(plan)).toEqual(singleDeclinedRecord('plan_changed'));
    expect(await stateOf(plan)).toBe('planned');
  });

  it('confirm: more than 25 sessions require the typed count', async () => {
    const plan = await createPlanOf(26);
    expect(plan.requiresTypedCount).toBe(true);
    for (const typedCount of [null, 25, 27]) {
      await expect(confirmPlan(plan, { typedCount })).rejects.toMatchObject({
        code: 'count_mismatch',
        messageKey: typedCount === null ? 'batch.countMissing' : 'batch.countMismatch',
        details: { eligible: 26 },
      });
    }
    expect(await declinedRecords(plan)).toHaveLength(3);
    expect((await confirmPlan(plan, { typedCount: 26 })).state).toBe('armed');
  });

  it('confirm: 25 sessions require no typed count, and a wrong count is declined', async () => {
    const plan = await createPlanOf(25);
    expect(plan.requiresTypedCount).toBe(false);
    await expect(confirmPlan(plan, { typedCount: 24 })).rejects.toMatchObject({ code: 'count_mismatch' });
    expect((await confirmPlan(plan)).state).toBe('armed');
  });

  it('confirm: one production session requires the typed count', async () => {
    const production = await app.handlers['connections.add']({
      name: 'Flinks live',
      environment: 'production',
      baseUrl: 'https://pay.example.test',
      secret: 'a-live-secret-of-nobody',
      allowInMemory: false,
      options: flinks.options,
    });
    await importSessions(app, production, importLinesOf(1));
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    expect(plan).toMatchObject({ eligible: 1, requiresTypedCount: true });
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'count_mismatch' });
    expect((await confirmPlan(plan, { typedCount: 1 })).state).toBe('armed');
  });

  it('confirm: a plan without an eligible session is declined', async () => {
    await importSessions(app, flinks, [{ id: flinksId(1), status: 'Expired' }]);
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    expect(plan).toMatchObject({ sessions: 1, eligible: 0 });
    await expect(confirmPlan(plan)).rejects.toMatchObject({ code: 'plan_empty' });
    expect(await declinedRecords(plan)).toEqual(singleDeclinedRecord('plan_empty'));
  });
});

describe('batches.resume', () => {
  // Verifies F-15.
  it('resume: an interrupted batch whose stored items were altered is declined and sends nothing more', async () => {
    const plan = await createPlanOf(2);
    await confirmPlan(plan);
    await app.close();
    executeSql(dataFolder, `UPDATE batch_items SET session_id = 'another' WHERE position = 2`);
    app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
    await expect(app.handlers['batches.resume']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'plan_changed',
      messageKey: 'batch.batchAltered',
      details: { tampered: true },
    });
    expect(await stateOf(plan)).toBe('interrupted');
    expect((await auditRecordsOf(app, plan.id)).at(-1)).toMatchObject({
      action: 'batch_declined',
      detail: { kind: 'code', code: 'plan_changed' },
    });
  });

  /** Replaces a session of the batch, and the digest with the one of the altered items. */
  async function alterItemsAndDigest({ id, number }: Batch): Promise<string> {
    executeSql(dataFolder, `UPDATE batch_items SET session_id = 'another' WHERE position = 2`);
    const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'));
    const slices = computePlanDigest(database, { id, number });
    let slice = await slices.next();
    while (!slice.done) slice = await slices.next();
    database.prepare('UPDATE batches SET digest = ? WHERE id = ?').run(slice.value.digest, id);
    database.close();
    return slice.value.digest;
  }

  // Verifies F-15.
  it('resume: items that were altered together with their digest are declined', async () => {
    const plan = await createPlanOf(2);
    await confirmPlan(plan);
    await app.close();
    expect(await alterItemsAndDigest(plan)).not.toBe(plan.digest);
    app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
    await expect(app.handlers['batches.resume']({ batchId: plan.id })).rejects.toMatchObject({
      messageKey: 'batch.batchAltered',
      details: { tampered: true },
    });
  });

  // Verifies F-15.
  it('resume: a record of the confirmation that was altered too is declined', async () => {
    const plan = await createPlanOf(2);
    await confirmPlan(plan);
    await app.close();
    const digest = await alterItemsAndDigest(plan);
    tamperWithFile(
      join(dataFolder, 'work', 'desk.sqlite'),
      `UPDATE audit SET detail = replace(detail, '${plan.digest}', '${digest}') WHERE action = 'batch_confirmed'`,
    );
    app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
    await expect(app.handlers['batches.resume']({ batchId: plan.id })).rejects.toMatchObject({
      messageKey: 'batch.batchAltered',
      details: { tampered: true },
    });
  });

  // Verifies F-15.
  it('resume: a confirmation of another key is declined, and an unaltered one continues', async () => {
    const plan = await createPlanOf(2);
    await confirmPlan(plan);
    await app.close();
    const key = keychain.entries.get('work/audit-key') ?? '';
    keychain.entries.set('work/audit-key', Buffer.alloc(32, 7).toString('base64'));
    app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
    const review = await app.handlers['backups.getReview']({});
    await app.handlers['backups.completeReview']({ restoredSequence: review?.restoredSequence ?? 0 });
    await expect(app.handlers['batches.resume']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'plan_changed',
      messageKey: 'batch.confirmationUnproven',
    });
    await app.close();
    keychain.entries.set('work/audit-key', key);
    app = await openTestApp({ dataFolder, keychain, ...longStartDelay });
    expect((await app.handlers['batches.resume']({ batchId: plan.id })).state).toBe('running');
  });

  it('resume: a batch in a state without resume is refused with its number and state', async () => {
    const plan = await createPlanOf(1);
    await confirmPlan(plan);
    await expect(app.handlers['batches.resume']({ batchId: plan.id })).rejects.toMatchObject({
      code: 'batch_refused',
      message: expect.stringContaining(`Batch ${plan.number} is about to start.`) as string,
      messageKey: 'batch.resumeRefused',
      params: { number: plan.number, state: { messageKey: 'batch.stateArmed' } },
    });
  });
});

describe('batches.planRetry', () => {
  it('planRetry: contains only the sessions that were not sent, after the batch has ended', async () => {
    await importSessions(app, flinks, [...importLinesOf(3), { id: flinksId(9), status: 'Expired' }]);
    const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
    await expect(app.handlers['batches.planRetry']({ batchId: plan.id, only: 'failed' })).rejects.toMatchObject({
      code: 'batch_refused',
      messageKey: 'batch.retryRefused',
    });
    await confirmPlan(plan);
    await app.handlers['batches.abort']({ batchId: plan.id });
    await waitForBatch(app, plan.id, ({ outcomeCounts }) => outcomeCounts.not_sent === 3);
    await expect(app.handlers['batches.planRetry']({ batchId: plan.id, only: 'unknown' })).rejects.toMatchObject({
      code: 'plan_empty',
      messageKey: 'batch.noUnknownOutcome',
    });
    const { id } = await app.handlers['batches.planRetry']({ batchId: plan.id, only: 'failed' });
    const retryPlan = await waitForBatch(app, id, isInState('planned'));
    expect(retryPlan).toMatchObject({
      sessions: 3,
      eligible: 3,
      origin: { kind: 'retry', of: plan.id, only: 'failed' },
    });
    const notSentItems = (await getItems(app, plan.id, { filter: { outcomes: ['not_sent'] } })).rows;
    expect((await getItems(app, id)).rows.map(({ sessionKey }) => sessionKey)).toEqual(
      notSentItems.map(({ sessionKey }) => sessionKey),
    );
  });
});
