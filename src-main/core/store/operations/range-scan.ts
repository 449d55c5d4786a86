/**
 * Long walks down an index, cut into stretches that take some ten milliseconds each: after each of them whatever waits goes
 * first, and a read that nobody waits for any more ends. A stretch is measured in rows passed, whether or not any of them fits.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../kysely.ts';
import { allOf } from './session-filter.ts';

/** Rows passed in one stretch. */
const rowsPerRange = 20_000;

export interface ScanRange {
  /** In terms that SQLite seeks in the index. */
  readonly bounds: readonly RawBuilder<boolean>[];
  readonly order: RawBuilder<unknown>;
}

const [lessThan, greaterThan, atLeast, atMost] = ['<', '>', '>=', '<='].map((sign) => sql.raw(sign)) as [
  Operator,
  Operator,
  Operator,
  Operator,
];
type Operator = RawBuilder<unknown>;

/** Which way a walk goes: what is still to come, what lies before a place, and up to it. */
const descendingOperators = { beyond: lessThan, before: greaterThan, upTo: atLeast, order: sql.raw('DESC') };
const ascendingOperators = { beyond: greaterThan, before: lessThan, upTo: atMost, order: sql.raw('ASC') };

/** Along the keys of the sessions, from behind one or from the end. `key` is what the walked index calls it. */
export async function* scanByKey(
  database: Database,
  { descending, key, after }: { descending: boolean; key: RawBuilder<unknown>; after: number | null },
): AsyncGenerator<ScanRange, void, void> {
  const { beyond, upTo, order } = descending ? descendingOperators : ascendingOperators;
  // One by one: asked for both at once, SQLite goes through all keys.
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
    yield { bounds: [sql`${key} ${beyond} ${from}`, sql`${key} ${upTo} ${to}`], order: sql`${key} ${order}` };
    if (descending ? to <= oldest : to >= newest) return;
    from = to;
  }
}

/** A place in an index: what stands there and the key, which orders equals; without one before all that are equal. */
interface IndexPosition {
  readonly value: string | number | null;
  readonly key: number | null;
}

/**
 * Along an index over an expression and the key. What stands at the same place is gone through by key, what stands beyond by
 * place: SQLite seeks either, however many are equal, but not both at once. `index` null: in two parts, however long.
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
  const { beyond, before, upTo, order } = descending ? descendingOperators : ascendingOperators;
  const key = sql.raw('sessions.key');
  const keyOrder = sql`${key} ${order}`;
  const sortKeyOrder = sql`${sortKey} ${order}, ${keyOrder}`;
  const endOf = async (stretch: ScanRange) =>
    index &&
    (
      await sql<{ value: string | number; key: number }>`SELECT ${sortKey} AS value, ${key} AS key FROM ${index}
    WHERE ${allOf(stretch.bounds)} ORDER BY ${stretch.order} LIMIT 1 OFFSET ${rowsPerRange - 1}`.execute(database)
    ).rows[0];
  for (let reached = after; ;) {
    if (reached !== null) {
      const bounds = [
        sql<boolean>`${sortKey} = ${reached.value}`,
        ...(reached.key === null ? [] : [sql<boolean>`${key} ${beyond} ${reached.key}`]),
      ];
      const end = await endOf({ bounds, order: keyOrder });
      yield { bounds: end ? [...bounds, sql`${key} ${upTo} ${end.key}`] : bounds, order: keyOrder };
      if (end) {
        reached = end;
        continue;
      }
    }
    const bounds = reached === null ? [] : [sql<boolean>`${sortKey} ${beyond} ${reached.value}`];
    const end = await endOf({ bounds, order: sortKeyOrder });
    yield { bounds: end ? [...bounds, sql`${sortKey} ${before} ${end.value}`] : bounds, order: sortKeyOrder };
    if (!end) return;
    reached = { value: end.value, key: null };
  }
}
