/**
 * Scans an index in ranges of about 10 ms each. Between two ranges waiting requests run, and a cancelled read ends.
 * The size of a range is the number of rows read, whether or not they match.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../schema.ts';
import { allOf } from './session-filter.ts';

/** Rows read per range. */
const rowsPerRange = 20_000;

export interface ScanRange {
  /** Conditions that SQLite can seek in the index. */
  readonly bounds: readonly RawBuilder<boolean>[];
  readonly order: RawBuilder<unknown>;
}

/** Comparison operators by direction: rows after a position, before it, and up to it. */
const descendingOperators = {
  afterOperator: sql.raw('<'),
  beforeOperator: sql.raw('>'),
  upToOperator: sql.raw('>='),
  order: sql.raw('DESC'),
};
const ascendingOperators = {
  afterOperator: sql.raw('>'),
  beforeOperator: sql.raw('<'),
  upToOperator: sql.raw('<='),
  order: sql.raw('ASC'),
};

/** Scans session keys, after a key or from the start. `key` is the key column of the scanned table. */
export async function* scanByKey(
  database: Database,
  { descending, key, after }: { descending: boolean; key: RawBuilder<unknown>; after: number | null },
): AsyncGenerator<ScanRange, void, void> {
  const { afterOperator, upToOperator, order } = descending ? descendingOperators : ascendingOperators;
  // Two queries: in a query with both min and max, SQLite scans all keys.
  const end = async (which: 'min' | 'max') =>
    Number(
      (
        await database
          .selectFrom('sessions')
          .select(({ fn }) => fn[which]('key').as('key'))
          .executeTakeFirst()
      )?.key ?? 0,
    );
  const [oldest, newest] = [await end('min'), await end('max')];
  for (let from = after ?? (descending ? newest + 1 : oldest - 1); ;) {
    const to = descending ? Math.min(from, newest + 1) - rowsPerRange : Math.max(from, oldest - 1) + rowsPerRange;
    yield {
      bounds: [sql`${key} ${afterOperator} ${from}`, sql`${key} ${upToOperator} ${to}`],
      order: sql`${key} ${order}`,
    };
    if (descending ? to <= oldest : to >= newest) return;
    from = to;
  }
}

/** A position in an index: the value and the key, which orders equal values; null comes before all equal values. */
interface IndexPosition {
  readonly value: string | number | null;
  readonly key: number | null;
}

/**
 * Scans an index over an expression and the key. Rows with the same value are scanned by key, later rows by value:
 * SQLite can seek either one, but not both together. If `index` is null, yields at most two ranges of any size.
 */
export async function* scanByIndex(
  database: Database,
  {
    descending,
    index,
    sortKey,
    after,
  }: {
    descending: boolean;
    index: RawBuilder<unknown> | null;
    sortKey: RawBuilder<unknown>;
    after: IndexPosition | null;
  },
): AsyncGenerator<ScanRange, void, void> {
  const { afterOperator, beforeOperator, upToOperator, order } = descending ? descendingOperators : ascendingOperators;
  const key = sql.raw('sessions.key');
  const keyOrder = sql`${key} ${order}`;
  const sortKeyOrder = sql`${sortKey} ${order}, ${keyOrder}`;
  const findRangeEnd = async (range: ScanRange) =>
    index &&
    (
      await sql<{ value: string | number; key: number }>`SELECT ${sortKey} AS value, ${key} AS key FROM ${index}
    WHERE ${allOf(range.bounds)} ORDER BY ${range.order} LIMIT 1 OFFSET ${rowsPerRange - 1}`.execute(database)
    ).rows[0];
  for (let position = after; ;) {
    if (position !== null) {
      const bounds = [
        sql<boolean>`${sortKey} = ${position.value}`,
        ...(position.key === null ? [] : [sql<boolean>`${key} ${afterOperator} ${position.key}`]),
      ];
      const end = await findRangeEnd({ bounds, order: keyOrder });
      yield { bounds: end ? [...bounds, sql`${key} ${upToOperator} ${end.key}`] : bounds, order: keyOrder };
      if (end) {
        position = end;
        continue;
      }
    }
    const bounds = position === null ? [] : [sql<boolean>`${sortKey} ${afterOperator} ${position.value}`];
    const end = await findRangeEnd({ bounds, order: sortKeyOrder });
    yield { bounds: end ? [...bounds, sql`${sortKey} ${beforeOperator} ${end.value}`] : bounds, order: sortKeyOrder };
    if (!end) return;
    position = { value: end.value, key: null };
  }
}
