/** Pages of the list, each straight down the index of its order; and counts by kind. */
import type { DatabaseSync } from 'node:sqlite';
import { sql, type RawBuilder } from 'kysely';
import type {
  Product,
  Session,
  SessionFilter,
  SessionSort,
  SessionSource,
  SessionStatus,
} from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import { allOf, isIndexed, matches, phrase, places, ranges, walkByKey } from './session-filter.ts';
import { byKey, byPlace, type Stretch } from './range-scan.ts';

/** After this place in the order: what stands there, and the session's key, which orders equals. */
export interface ListPlace {
  readonly at: string | number | null;
  readonly key: number;
}

export interface ListInput {
  readonly filter: SessionFilter;
  readonly sort: SessionSort;
  readonly after: ListPlace | null;
  readonly skip: number;
  readonly limit: number;
}

/** A search that finds no more than this is sorted whole; one that finds more is met often enough on the way down the index. */
const fewMatches = 20_000;

/** Comes to rest after each stretch of the way, so that a page nobody waits for ends and a filter that few meet holds nothing up. */
export async function* sessionPage(
  database: Database,
  input: ListInput,
): AsyncGenerator<void, { rows: Session[]; next: ListPlace | null }, void> {
  const { limit } = input;
  const walk = await walkOf(database, input);
  const found: ListPlace[] = [];
  let skip = input.skip;
  // A search that finds little is gone through at once: each stretch would begin it anew.
  const isShort = walk.searched && input.sort.by === 'tracked' && (await findsFew(database, input.filter.search));
  for await (const stretch of isShort ? [wholeWay(input)] : stretchesOf(database, input, walk)) {
    const fits = await placesIn(database, input, walk, stretch, { limit: limit - found.length, skip });
    skip = fits.length > 0 || skip === 0 ? 0 : skip - (await countOf(database, walk, stretch));
    found.push(...fits);
    if (found.length === limit) break;
    yield;
  }
  const keys = JSON.stringify(found.map(({ key }) => key));
  const rows = await database
    .selectFrom('sessions')
    .selectAll()
    .where('key', 'in', sql<number>`(SELECT value FROM json_each(${keys}))`)
    .execute();
  const byItsKey = new Map(rows.map((row) => [row.key, row]));
  return {
    rows: found.flatMap(({ key }) => byItsKey.get(key) ?? []),
    next: found.length === limit ? (found.at(-1) ?? null) : null,
  };
}

/** What is walked, and what each row on the way has to meet. */
interface Walk {
  /** Down the search index, else down one of the sessions'. */
  readonly searched: boolean;
  readonly from: RawBuilder<unknown>;
  readonly where: RawBuilder<boolean>;
}

async function walkOf(database: Database, { filter, sort }: ListInput): Promise<Walk> {
  const { search, statuses } = filter;
  if (isIndexed(search) && (await isSortedWhole(database, search, sort)))
    return { searched: true, ...walkByKey(filter) };
  const index =
    sort.by !== 'tracked'
      ? `INDEXED BY ${places[sort.by].index}`
      : statuses.length === 1
        ? 'INDEXED BY sessions_by_status'
        : 'NOT INDEXED';
  return { searched: false, from: sql.raw(`sessions ${index}`), where: matches(filter, 'text') };
}

/** By key the search index has the order itself. Letters beyond ASCII have cases that a look into the text does not know. */
async function isSortedWhole(database: Database, search: string, { by }: SessionSort): Promise<boolean> {
  return by === 'tracked' || /[^\x20-\x7e]/.test(search) || (await findsFew(database, search));
}

async function findsFew(database: Database, search: string): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`SELECT count(*) AS found FROM (
    SELECT rowid FROM sessions_search WHERE sessions_search MATCH ${phrase(search)} LIMIT ${fewMatches + 1})`.execute(
    database,
  );
  return (rows[0]?.found ?? 0) <= fewMatches;
}

function wholeWay({ sort: { descending }, after }: ListInput): Stretch {
  const [beyond, order] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const key = sql.raw('sessions_search.rowid');
  return {
    bounds: after === null ? [] : [sql`${key} ${sql.raw(beyond)} ${after.key}`],
    order: sql`${key} ${sql.raw(order)}`,
  };
}

function stretchesOf(database: Database, { sort: { by, descending }, after }: ListInput, { searched, from }: Walk) {
  if (by === 'tracked')
    return byKey(database, {
      descending,
      key: sql.raw(searched ? 'sessions_search.rowid' : 'sessions.key'),
      after: after?.key ?? null,
    });
  return byPlace(database, { descending, index: searched ? null : from, place: sql.raw(places[by].expression), after });
}

async function placesIn(
  database: Database,
  { sort: { by } }: ListInput,
  { from, where }: Walk,
  { bounds, order }: Stretch,
  part: { limit: number; skip: number },
): Promise<ListPlace[]> {
  const place = by === 'tracked' ? sql`NULL` : sql.raw(places[by].expression);
  const { rows } =
    await sql<ListPlace>`SELECT sessions.key AS key, ${place} AS at FROM ${from} WHERE ${allOf([...bounds, where])}
    ORDER BY ${order} LIMIT ${part.limit} OFFSET ${part.skip}`.execute(database);
  return rows;
}

async function countOf(database: Database, { from, where }: Walk, { bounds }: Stretch): Promise<number> {
  const { rows } = await sql<{
    found: number;
  }>`SELECT count(*) AS found FROM ${from} WHERE ${allOf([...bounds, where])}`.execute(database);
  return rows[0]?.found ?? 0;
}

/** How many sessions there are of one kind. */
export interface SessionCell {
  readonly connectionId: string;
  readonly product: Product;
  readonly status: SessionStatus;
  readonly source: SessionSource;
  readonly sessions: number;
}

const cellColumns = 'connection_id AS "connectionId", product, status, source';

/** All sessions by kind, from the counters that triggers keep: exact, and fast at any size. */
export function sessionCells(sqlite: DatabaseSync): SessionCell[] {
  return sqlite
    .prepare(`SELECT ${cellColumns}, sessions FROM session_counts WHERE sessions > 0`)
    .all() as unknown as SessionCell[];
}

/** Keys counted at a stretch: some tens of milliseconds, after which an intent that waits goes first. */
const countedKeys = 50_000;

/** How many of the next keys a search and the ranges leave, by kind; `next` is null after the last. */
export async function countedCells(
  database: Database,
  { filter, after }: { filter: SessionFilter; after: number },
): Promise<{ cells: SessionCell[]; next: number | null }> {
  const { search } = filter;
  // A search that finds little is counted at once: each stretch would begin it anew.
  const upTo = isIndexed(search) && (await findsFew(database, search)) ? Number.MAX_SAFE_INTEGER : after + countedKeys;
  const open: SessionFilter = {
    ...filter,
    statuses: [],
    providers: [],
    products: [],
    connectionIds: [],
    environments: [],
    sources: [],
  };
  const from = isIndexed(search) ? sql.raw('sessions_search CROSS JOIN sessions') : sql.raw('sessions NOT INDEXED');
  const key = sql.raw(isIndexed(search) ? 'sessions_search.rowid' : 'sessions.key');
  const where = isIndexed(search)
    ? allOf([
        sql`sessions_search MATCH ${phrase(search)}`,
        sql`sessions.key = sessions_search.rowid`,
        ...ranges(filter),
      ])
    : matches(open, 'text');
  const { rows } = await sql<SessionCell>`SELECT ${sql.raw(cellColumns)}, count(*) AS sessions FROM ${from}
    WHERE ${key} > ${after} AND ${key} <= ${upTo} AND ${where} GROUP BY 1, 2, 3, 4`.execute(database);
  const more = await database.selectFrom('sessions').select('key').where('key', '>', upTo).limit(1).executeTakeFirst();
  return { cells: rows, next: more ? upTo : null };
}

/** Every currency in use: one seek each. */
export function currencies(sqlite: DatabaseSync): string[] {
  const next = sqlite.prepare(
    `SELECT min(${places.amount.expression}) AS at FROM sessions WHERE ${places.amount.expression} > ?`,
  );
  const found: string[] = [];
  for (let beyond = ' ~'; ;) {
    const at = next.get(beyond)?.['at'];
    if (typeof at !== 'string') return found;
    const currency = at.slice(0, at.indexOf(' '));
    found.push(currency);
    beyond = `${currency} ~`;
  }
}
