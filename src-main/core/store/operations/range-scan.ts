/**
 * Long walks down an index, cut into stretches that take some ten milliseconds each: after each of them whatever waits goes
 * first, and a read that nobody waits for any more ends. A stretch is measured in rows passed, whether or not any of them fits.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../kysely.ts';
import { allOf } from './session-filter.ts';

/** Rows passed in one stretch. */
const stretchRows = 20_000;

export interface Stretch {
  /** In terms that SQLite seeks in the index. */
  readonly bounds: readonly RawBuilder<boolean>[];
  readonly order: RawBuilder<unknown>;
}

const [less, more, atLeast, atMost] = ['<', '>', '>=', '<='].map((sign) => sql.raw(sign)) as [Sign, Sign, Sign, Sign];
type Sign = RawBuilder<unknown>;

/** Which way a walk goes: what is still to come, what lies before a place, and up to it. */
const down = { beyond: less, before: more, upTo: atLeast, order: sql.raw('DESC') };
const up = { beyond: more, before: less, upTo: atMost, order: sql.raw('ASC') };

/** Along the keys of the sessions, from behind one or from the end. `key` is what the walked index calls it. */
export async function* byKey(
  database: Database,
  { descending, key, after }: { descending: boolean; key: RawBuilder<unknown>; after: number | null },
): AsyncGenerator<Stretch, void, void> {
  const { beyond, upTo, order } = descending ? down : up;
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
    const to = descending ? Math.min(from, newest + 1) - stretchRows : Math.max(from, oldest - 1) + stretchRows;
    yield { bounds: [sql`${key} ${beyond} ${from}`, sql`${key} ${upTo} ${to}`], order: sql`${key} ${order}` };
    if (descending ? to <= oldest : to >= newest) return;
    from = to;
  }
}

/** A place in an index: what stands there and the key, which orders equals; without one before all that are equal. */
interface Place {
  readonly at: string | number | null;
  readonly key: number | null;
}

/**
 * Along an index over an expression and the key. What stands at the same place is gone through by key, what stands beyond by
 * place: SQLite seeks either, however many are equal, but not both at once. `index` null: in two parts, however long.
 */
export async function* byPlace(
  database: Database,
  {
    descending,
    index,
    place,
    after,
  }: { descending: boolean; index: RawBuilder<unknown> | null; place: RawBuilder<unknown>; after: Place | null },
): AsyncGenerator<Stretch, void, void> {
  const { beyond, before, upTo, order } = descending ? down : up;
  const key = sql.raw('sessions.key');
  const keyOrder = sql`${key} ${order}`;
  const placeOrder = sql`${place} ${order}, ${keyOrder}`;
  const endOf = async (stretch: Stretch) =>
    index &&
    (
      await sql<{ at: string | number; key: number }>`SELECT ${place} AS at, ${key} AS key FROM ${index}
    WHERE ${allOf(stretch.bounds)} ORDER BY ${stretch.order} LIMIT 1 OFFSET ${stretchRows - 1}`.execute(database)
    ).rows[0];
  for (let reached = after; ;) {
    if (reached !== null) {
      const bounds = [
        sql<boolean>`${place} = ${reached.at}`,
        ...(reached.key === null ? [] : [sql<boolean>`${key} ${beyond} ${reached.key}`]),
      ];
      const end = await endOf({ bounds, order: keyOrder });
      yield { bounds: end ? [...bounds, sql`${key} ${upTo} ${end.key}`] : bounds, order: keyOrder };
      if (end) {
        reached = end;
        continue;
      }
    }
    const bounds = reached === null ? [] : [sql<boolean>`${place} ${beyond} ${reached.at}`];
    const end = await endOf({ bounds, order: placeOrder });
    yield { bounds: end ? [...bounds, sql`${place} ${before} ${end.at}`] : bounds, order: placeOrder };
    if (!end) return;
    reached = { at: end.at, key: null };
  }
}
