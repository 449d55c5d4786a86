/** Compares the session list with a reference filter and sort, for random sessions, filters and page sizes. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  emptySessionFilter,
  product,
  sessionSort,
  sessionSource,
  sessionStatus,
  type Session,
  type SessionFilter,
  type SessionSort,
} from '../../../src-main/contract/index.ts';
import { aggregateCounts } from '../../../src-main/core/sessions/counts.ts';
import {
  Store,
  type ListPosition,
  type OperationOutput,
  type SessionCountGroup,
} from '../../../src-main/core/store/index.ts';
import { createTempFolder, storeWorkerUrl } from '../../support/app.ts';
import { roundsOf, seed } from '../../support/suite.ts';
import { matchesFilter, sessionComparator } from '../../support/reference-filter.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const accounts = [
  { id: '00000000-0000-4000-8000-000000000001', provider: 'flinks', environment: 'production' },
  { id: '00000000-0000-4000-8000-000000000002', provider: 'xendit', environment: 'sandbox' },
  { id: '00000000-0000-4000-8000-000000000003', provider: 'flinks', environment: 'sandbox' },
] as const;
const instants = Array.from({ length: 12 }, (_, day) => `2026-11-${String(day + 1).padStart(2, '0')}T08:00:00.000Z`);
const instant = fc.constantFrom(...instants);
const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 2 });
const amount = fc.constantFrom('0', '9.5', '12.50', '12.5', '65.00', '100', '1500000', '0.07');

const arbitraryRow = fc.record({
  connectionId: fc.constantFrom(...accounts.map(({ id }) => id)),
  product: fc.constantFrom(...product.options),
  reference: nullable(fc.constantFrom('Order-1', 'order-2', 'ORDER-3', 'Zoë', 'zoË 100%_', 'ab', 'Rent', 'rent')),
  amount: nullable(amount),
  currency: nullable(fc.constantFrom('CAD', 'IDR')),
  status: fc.constantFrom(...sessionStatus.options),
  source: fc.constantFrom(...sessionSource.options),
  createdAt: nullable(instant),
  expiresAt: nullable(instant),
  firstSeenAt: instant,
  lastCheckedAt: nullable(instant),
});
const subsetOf = <Value>(values: readonly Value[]): fc.Arbitrary<Value[]> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<Value[]>([]) }, { weight: 1, arbitrary: fc.subarray([...values]) });
const filters: fc.Arbitrary<SessionFilter> = fc.record({
  search: fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    fc.constantFrom('order', 'ORD', 'r', 'zoë', 'zoË', '0%_', 'id-1', 'nobody'),
  ),
  statuses: subsetOf(sessionStatus.options),
  providers: subsetOf<'flinks' | 'xendit'>(['flinks', 'xendit']),
  products: subsetOf(product.options),
  connectionIds: subsetOf<string>(accounts.map(({ id }) => id)),
  environments: subsetOf<'sandbox' | 'production'>(['sandbox', 'production']),
  sources: subsetOf(sessionSource.options),
  createdFrom: nullable(instant),
  createdBefore: nullable(instant),
  checkedBefore: nullable(instant),
  neverChecked: fc.oneof(fc.constant(false), fc.constant(false), fc.boolean()),
  amount: nullable(
    fc.record({ currency: fc.constantFrom('CAD', 'IDR', 'USD'), from: nullable(amount), to: nullable(amount) }),
  ),
});
const sorts: fc.Arbitrary<SessionSort> = fc.record({
  by: fc.constantFrom(...sessionSort.shape.by.unwrap().options),
  descending: fc.boolean(),
});

const folder = createTempFolder();
let store: Store;
let expectedRows: Session[] = [];

beforeAll(async () => {
  store = await Store.open(storeWorkerUrl, {
    folder,
    operator: 'olivia',
    host: 'desk-7',
    auditKey: new Uint8Array(32),
  });
  for (const account of accounts) {
    await store.run('putConnection', {
      row: {
        ...account,
        name: account.id,
        baseUrl: 'https://example.test',
        options: '{}',
        secretPlace: 'memory',
        secretLastFour: '',
        secretStoredAt: '',
        eventSecretPlace: null,
        createdAt: '',
        locked: 0,
      },
      audit: null,
    });
  }
  const sampledRows = fc.sample(arbitraryRow, { numRuns: 450, seed: 8812 });
  await store.run('trackSessions', {
    sessions: sampledRows.map((fields, index) => ({
      ...fields,
      id: `id-${index}`,
      rawStatus: null,
      rawDetail: null,
      subAccount: null,
    })),
    audit: null,
  });
  ({ rows: expectedRows } = await store.run('sessionPage', {
    filter: emptySessionFilter,
    sort: { by: 'tracked', descending: false },
    after: null,
    skip: 0,
    limit: 500,
  }));
});
afterAll(() => store.close());

async function collectPages(filter: SessionFilter, sort: SessionSort, limit: number): Promise<number[]> {
  const keys: number[] = [];
  let after: ListPosition | null = null;
  do {
    const page: OperationOutput<'sessionPage'> = await store.run('sessionPage', {
      filter,
      sort,
      after,
      skip: 0,
      limit,
    });
    keys.push(...page.rows.map(({ key }) => key));
    after = page.next;
  } while (after !== null);
  return keys;
}

async function collectCountGroups(filter: SessionFilter): Promise<SessionCountGroup[]> {
  const { groups, next } = await store.run('countGroups', { filter, after: 0 });
  expect(next).toBeNull();
  return groups;
}

describe('session list', () => {
  it('session list: pages, counts and exports match the reference filter and sort', async () => {
    let secondPages = 0;
    await fc.assert(
      fc.asyncProperty(
        filters,
        sorts,
        fc.integer({ min: 1, max: 90 }),
        fc.nat({ max: 400 }),
        async (filter, sort, limit, skip) => {
          const expected = expectedRows
            .filter((session) => matchesFilter(filter, session, accounts))
            .sort(sessionComparator(sort))
            .map(({ key }) => key);
          expect(await collectPages(filter, sort, limit)).toEqual(expected);
          const first = await store.run('sessionPage', { filter, sort, after: null, skip: 0, limit });
          if (first.next) {
            secondPages += 1;
            const skipped = await store.run('sessionPage', { filter, sort, after: first.next, skip, limit });
            expect(skipped.rows.map(({ key }) => key)).toEqual(expected.slice(limit + skip, limit + skip + limit));
          }
          const { counts } = await store.run('countSelected', { filter, excludedKeys: expected.slice(0, 3) });
          expect(counts.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(Math.max(0, expected.length - 3));
          expect(
            (
              await store.run('selectedRows', { selection: { filter, excludedKeys: [] }, belowKey: 1e9, limit: 500 })
            ).map(({ key }) => key),
          ).toEqual(expected.toSorted((a, b) => b - a));
          const connections = accounts.map((account) => ({
            ...account,
            options: { provider: account.provider },
          })) as unknown as Parameters<typeof aggregateCounts>[2];
          const counted = aggregateCounts(filter, await collectCountGroups(filter), connections, []);
          expect(counted.total).toBe(expected.length);
          for (const status of nonEmpty(sessionStatus.options)) {
            expect(counted.byStatus[status], status).toBe(
              expectedRows.filter(
                (session) => session.status === status && matchesFilter({ ...filter, statuses: [] }, session, accounts),
              ).length,
            );
          }
          for (const { id } of accounts) {
            expect(counted.byConnection[id]).toBe(
              expectedRows.filter(
                (session) =>
                  session.connectionId === id && matchesFilter({ ...filter, connectionIds: [] }, session, accounts),
              ).length,
            );
          }
        },
      ),
      { numRuns: roundsOf({ quick: 60, full: 500 }), seed },
    );
    expect(secondPages).toBeGreaterThan(5);
  });

  it('session list: the counters of the triggers equal a count, and all currencies are listed', async () => {
    const sorted = (groups: readonly SessionCountGroup[]) => groups.map((group) => JSON.stringify(group)).sort();
    expect(sorted(await store.run('sessionCountGroups', null))).toEqual(
      sorted(await collectCountGroups(emptySessionFilter)),
    );
    expect(await store.run('currencies', null)).toEqual(['CAD', 'IDR']);
  });

  it('session list: a search with too many matches to sort is returned in order', async () => {
    const largeFolder = createTempFolder();
    const largeStore = await Store.open(storeWorkerUrl, {
      folder: largeFolder,
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    const database = new DatabaseSync(join(largeFolder, 'desk.sqlite'));
    database.exec(`INSERT INTO connections
        SELECT 'c1', 'flinks', 'x', 'sandbox', '', '{}', 'memory', '', '', NULL, '', 0;
      WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 22000)
      INSERT INTO sessions (connection_id, product, id, reference, status, source, first_seen_at)
        SELECT 'c1', 'geft', 'id-' || number, CASE WHEN number % 50 = 0 THEN 'Rent-' ELSE 'Order-' END || number,
          'active', 'imported', '' FROM numbers`);
    database.close();
    const filter = { ...emptySessionFilter, search: 'order-' };
    const sort = { by: 'reference', descending: false } as const;
    const first = await largeStore.run('sessionPage', { filter, sort, after: null, skip: 0, limit: 2 });
    expect(first.rows.map(({ reference }) => reference)).toEqual(['Order-1', 'Order-10']);
    const skipped = await largeStore.run('sessionPage', { filter, sort, after: first.next, skip: 21_500, limit: 100 });
    expect(skipped.rows).toHaveLength(22_000 - 440 - 2 - 21_500);
    expect(skipped.rows.at(-1)?.reference).toBe('Order-9999');
    expect(skipped.next).toBeNull();
    await largeStore.close();
  });
});
