import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  emptySessionFilter,
  batchInputs,
  type Batch,
  type CallInput,
  type Connection,
} from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, createTempFolder, unreachableProvider, openTestApp, reason } from '../../support/app.ts';
import {
  executeSql,
  flinksId,
  importSessions,
  getItems,
  auditRecordsOf,
  createPlan,
  waitForBatch,
} from './plan-fixtures.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const dataFolder = createTempFolder();
const exportsFolder = join(dataFolder, 'work', 'exports');
const count = 2_400;
let app: App;
let flinks: Connection;
let xendit: Connection;
let batch: Batch;

/** Aborts a batch, so that every item has an outcome, and then sets outcomes as a run would store them. */
beforeAll(async () => {
  app = await openTestApp({ dataFolder, startDelayMs: 600_000 });
  ({ flinks, xendit } = await addConnections(app, unreachableProvider));
  await importSessions(
    app,
    flinks,
    Array.from({ length: count - 400 }, (_, index) => ({ id: flinksId(index) })),
  );
  const links = Array.from({ length: 400 }, (_, index) => ({
    id: `ps-${String(index).padStart(24, '0')}`,
    currency: 'IDR',
    status: index % 4 === 0 ? 'EXPIRED' : 'ACTIVE',
  }));
  await importSessions(app, xendit, links, 'payment_session');
  const plan = await createPlan(app, { filter: emptySessionFilter, excludedKeys: [] });
  await app.handlers['batches.confirm']({
    batchId: plan.id,
    digest: plan.digest ?? '',
    reason,
    typedCount: plan.eligible,
  });
  await app.handlers['batches.abort']({ batchId: plan.id });
  await waitForBatch(app, plan.id, ({ outcomeCounts }) => outcomeCounts.waiting === undefined);
  executeSql(
    dataFolder,
    `UPDATE batch_items SET outcome = 'cancelled', cause = NULL, confirmed_by = 'answer'
      WHERE outcome = 'not_sent' AND position % 3 = 0`,
    `UPDATE batch_items SET outcome = 'unknown', cause = 'timed_out' WHERE outcome = 'not_sent' AND position % 100 = 1`,
    `UPDATE batch_items SET reference = '=cmd(1)' WHERE session_id = '${flinksId(7)}'`,
  );
  batch = await app.handlers['batches.get']({ batchId: plan.id });
});
afterAll(() => app.close());

const getItemsPage = (changes: Partial<CallInput<'batches.listItems'>> = {}) => getItems(app, batch.id, changes);
const exportResults = async (changes: Partial<CallInput<'batches.export'>> = {}) => {
  const { exportId } = await app.handlers['batches.export'](
    batchInputs.export.parse({ batchId: batch.id, format: 'csv', ...changes }),
  );
  return await app.handlers['exports.wait']({ exportId });
};
const parseJsonLines = (file: string | null) =>
  readFileSync(file ?? '', 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);

describe('batches.listItems', () => {
  it('items: are in the order of the plan, also from a position in the middle', async () => {
    const all = [];
    for (let after: number | null = 0; after !== null;) {
      const next: Awaited<ReturnType<typeof getItemsPage>> = await getItemsPage({ after });
      all.push(...next.rows);
      after = next.next;
    }
    expect(all.map(({ position }) => position)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect((await getItemsPage({ skip: 1_234, limit: 3 })).rows).toEqual(all.slice(1_234, 1_237));
    expect((await getItemsPage({ after: 100, skip: 20, limit: 2 })).rows).toEqual(all.slice(120, 122));
  });

  it.each<
    [
      string,
      NonNullable<CallInput<'batches.listItems'>['filter']>,
      (row: Awaited<ReturnType<typeof getItemsPage>>['rows'][number]) => boolean,
    ]
  >([
    ['eligibility', { eligibility: 'already_final' }, ({ eligibility }) => eligibility === 'already_final'],
    [
      'outcomes',
      { outcomes: ['cancelled', 'unknown'] },
      ({ outcome }) => outcome === 'cancelled' || outcome === 'unknown',
    ],
    [
      'part of an id, in any case',
      { search: 'B7A-00000000012' },
      ({ sessionId }) => sessionId.includes('b7a-00000000012'),
    ],
    ['part of a reference', { search: 'order-0000' }, ({ reference }) => reference?.startsWith('Order-0000') ?? false],
    ['wildcard characters of SQL', { search: '%' }, () => false],
    ['an outcome and a search', { outcomes: ['unknown'], search: '00' }, ({ outcome }) => outcome === 'unknown'],
  ])('items: the filter by %s applies to rows, total and pages', async (_criterion, filter, matches) => {
    const all = [...(await getItemsPage()).rows];
    for (let after = 500; after < count; after += 500) all.push(...(await getItemsPage({ after })).rows);
    const expected = all.filter(matches);
    const first = await getItemsPage({ filter, limit: 7 });
    expect(first.total).toBe(expected.length);
    expect(first.rows).toEqual(expected.slice(0, 7));
    const rest = await getItemsPage({ filter, after: first.next ?? 0, limit: 500 });
    expect(rest.rows).toEqual(expected.slice(first.next === null ? 0 : 7).slice(0, 500));
    expect((await getItemsPage({ filter, skip: 5, limit: 7 })).rows).toEqual(expected.slice(5, 12));
  });

  it('items: the filter by connection applies', async () => {
    expect((await getItemsPage({ filter: { connectionId: xendit.id } })).total).toBe(400);
  });

  it('items: a batch that does not exist is refused', async () => {
    await expect(getItems(app, '00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
      code: 'batch_not_found',
      messageKey: 'batch.notFound',
    });
  });
});

describe('batches.export', () => {
  it('export as CSV: has every item with masked IDs and escaped formulas, and a last row about the batch', async () => {
    const state = await exportResults();
    expect(state).toMatchObject({ state: 'finished', total: count, written: count });
    expect(state.file).toMatch(/batch-\d+-.*\.csv$/);
    expect(statSync(state.file ?? '').mode & 0o777).toBe(0o600);
    const text = readFileSync(state.file ?? '', 'utf8');
    expect(text).not.toContain('3f2b8c1e-5a4d');
    const rows = parse<Record<string, string>>(text, { columns: true });
    const lastRow = rows.pop();
    expect(rows).toHaveLength(count);
    expect(rows.find(({ reference }) => reference === "'=cmd(1)")).toMatchObject({
      id: '3f2b8c1e…0007',
      connection: 'Flinks CA',
      provider: 'flinks',
      environment: 'sandbox',
      product: 'geft',
      amount: '65.10',
      currency: 'CAD',
      status: 'active',
      verdict: 'will_cancel',
    });
    expect(lastRow).toMatchObject({ position: 'batch', id: batch.id });
    const footer = JSON.parse(lastRow?.['reference'] ?? '') as Record<string, unknown>;
    const head = (await app.handlers['audit.list']({ before: null, limit: 1 })).rows[0];
    expect(footer).toMatchObject({
      rows: count,
      batch: {
        number: batch.number,
        id: batch.id,
        state: 'called_off',
        operator: 'olivia',
        reason,
        digest: batch.digest,
        planned: { sessions: count, asked: count - 100, verdicts: batch.eligibilityCounts },
        outcomes: batch.outcomeCounts,
      },
      // The head includes the record of the start of the export. The record of its end follows later.
      auditHead: { sequence: (head?.sequence ?? 0) - 1, mac: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect((await auditRecordsOf(app, batch.id)).slice(-2)).toMatchObject([
      { action: 'batch_exported', outcome: 'begun', detail: { kind: 'export', unmaskedIds: false } },
      { action: 'batch_exported', outcome: 'finished', detail: { kind: 'export_end', sessions: count } },
    ]);
    expect(nonEmpty(readdirSync(exportsFolder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('export as JSON Lines: first line about the file, last line about the batch, unmasked IDs', async () => {
    const filter = { outcomes: ['unknown' as const] };
    const { total } = await getItemsPage({ filter });
    const state = await exportResults({ format: 'jsonl', unmaskedIds: true, filter });
    const [first, ...rest] = parseJsonLines(state.file);
    const lastLine = rest.pop();
    expect(first).toMatchObject({
      format: 'session-desk batch export v1',
      number: batch.number,
      id: batch.id,
      wholeIds: true,
      filter,
    });
    expect(rest).toHaveLength(total);
    expect(rest[0]).toMatchObject({
      id: expect.stringMatching(/^(3f2b8c1e-5a4d|ps-0{10})/) as string,
      outcome: 'unknown',
      cause: 'timed_out',
    });
    expect(Object.keys(rest[0] ?? {})).not.toContain('sessionKey');
    expect(lastLine).toMatchObject({
      rows: total,
      batch: { outcomes: batch.outcomeCounts },
      auditHead: { keyId: expect.any(String) as string },
    });
  });

  it('export: no match is refused, and a stopped export leaves no file', async () => {
    await expect(exportResults({ filter: { search: 'nobody has this' } })).rejects.toMatchObject({
      code: 'export_refused',
      messageKey: 'batch.exportEmpty',
    });
    const filesBefore = readdirSync(exportsFolder);
    const { exportId } = await app.handlers['batches.export'](
      batchInputs.export.parse({ batchId: batch.id, format: 'csv' }),
    );
    expect((await app.handlers['exports.stop']({ exportId })).state).toBe('stopped');
    expect(readdirSync(exportsFolder)).toEqual(filesBefore);
    expect((await auditRecordsOf(app, batch.id)).at(-1)).toMatchObject({
      action: 'batch_exported',
      outcome: 'stopped',
    });
  });
});
