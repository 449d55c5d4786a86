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
import {
  allOf,
  canUseSearchIndex,
  filterCondition,
  ftsPhrase,
  sortKeys,
  rangeConditions,
  planKeyScan,
} from './session-filter.ts';
import { scanByKey, scanByIndex, type ScanRange } from './range-scan.ts';

/** After this place in the order: what stands there, and the session's key, which orders equals. */
export interface ListPosition {
  readonly value: string | number | null;
  readonly key: number;
}

export interface ListInput {
  readonly filter: SessionFilter;
  readonly sort: SessionSort;
  readonly after: ListPosition | null;
  readonly skip: number;
  readonly limit: number;
}

/** A search that finds no more than this is sorted whole; one that finds more is met often enough on the way down the index. */
const maxSortedMatches = 20_000;

/** Comes to rest after each stretch of the way, so that a page nobody waits for ends and a filter that few meet holds nothing up. */
export async function* sessionPage(
  database: Database,
  input: ListInput,
): AsyncGenerator<void, { rows: Session[]; next: ListPosition | null }, void> {
  const { limit } = input;
  const walk = await planScan(database, input);
  const found: ListPosition[] = [];
  let skip = input.skip;
  // A search that finds little is gone through at once: each stretch would begin it anew.
  const isShort =
    walk.usesSearchIndex && input.sort.by === 'tracked' && (await hasFewMatches(database, input.filter.search));
  for await (const stretch of isShort ? [fullRange(input)] : scanRanges(database, input, walk)) {
    const fits = await readPositions(database, input, walk, stretch, { limit: limit - found.length, skip });
    skip = fits.length > 0 || skip === 0 ? 0 : skip - (await countRows(database, walk, stretch));
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
interface ScanPlan {
  /** Down the search index, else down one of the sessions'. */
  readonly usesSearchIndex: boolean;
  readonly from: RawBuilder<unknown>;
  readonly where: RawBuilder<boolean>;
}

async function planScan(database: Database, { filter, sort }: ListInput): Promise<ScanPlan> {
  const { search, statuses } = filter;
  if (canUseSearchIndex(search) && (await canSortMatches(database, search, sort)))
    return { usesSearchIndex: true, ...planKeyScan(filter) };
  const index =
    sort.by !== 'tracked'
      ? `INDEXED BY ${sortKeys[sort.by].index}`
      : statuses.length === 1
        ? 'INDEXED BY sessions_by_status'
        : 'NOT INDEXED';
  return { usesSearchIndex: false, from: sql.raw(`sessions ${index}`), where: filterCondition(filter, 'text') };
}

/** By key the search index has the order itself. Letters beyond ASCII have cases that a look into the text does not know. */
async function canSortMatches(database: Database, search: string, { by }: SessionSort): Promise<boolean> {
  return by === 'tracked' || /[^\x20-\x7e]/.test(search) || (await hasFewMatches(database, search));
}

async function hasFewMatches(database: Database, search: string): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`SELECT count(*) AS found FROM (
    SELECT rowid FROM sessions_search WHERE sessions_search MATCH ${ftsPhrase(search)} LIMIT ${maxSortedMatches + 1})`.execute(
    database,
  );
  return (rows[0]?.found ?? 0) <= maxSortedMatches;
}

function fullRange({ sort: { descending }, after }: ListInput): ScanRange {
  const [beyond, order] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const key = sql.raw('sessions_search.rowid');
  return {
    bounds: after === null ? [] : [sql`${key} ${sql.raw(beyond)} ${after.key}`],
    order: sql`${key} ${sql.raw(order)}`,
  };
}

function scanRanges(
  database: Database,
  { sort: { by, descending }, after }: ListInput,
  { usesSearchIndex, from }: ScanPlan,
) {
  if (by === 'tracked')
    return scanByKey(database, {
      descending,
      key: sql.raw(usesSearchIndex ? 'sessions_search.rowid' : 'sessions.key'),
      after: after?.key ?? null,
    });
  return scanByIndex(database, {
    descending,
    index: usesSearchIndex ? null : from,
    sortKey: sql.raw(sortKeys[by].expression),
    after,
  });
}

async function readPositions(
  database: Database,
  { sort: { by } }: ListInput,
  { from, where }: ScanPlan,
  { bounds, order }: ScanRange,
  part: { limit: number; skip: number },
): Promise<ListPosition[]> {
  const sortKey = by === 'tracked' ? sql`NULL` : sql.raw(sortKeys[by].expression);
  const { rows } =
    await sql<ListPosition>`SELECT sessions.key AS key, ${sortKey} AS value FROM ${from} WHERE ${allOf([...bounds, where])}
    ORDER BY ${order} LIMIT ${part.limit} OFFSET ${part.skip}`.execute(database);
  return rows;
}

async function countRows(database: Database, { from, where }: ScanPlan, { bounds }: ScanRange): Promise<number> {
  const { rows } = await sql<{
    found: number;
  }>`SELECT count(*) AS found FROM ${from} WHERE ${allOf([...bounds, where])}`.execute(database);
  return rows[0]?.found ?? 0;
}

/** How many sessions there are of one kind. */
export interface SessionCountGroup {
  readonly connectionId: string;
  readonly product: Product;
  readonly status: SessionStatus;
  readonly source: SessionSource;
  readonly sessions: number;
}

const groupColumns = 'connection_id AS "connectionId", product, status, source';

/** All sessions by kind, from the counters that triggers keep: exact, and fast at any size. */
export function sessionCountGroups(sqlite: DatabaseSync): SessionCountGroup[] {
  return sqlite
    .prepare(`SELECT ${groupColumns}, sessions FROM session_counts WHERE sessions > 0`)
    .all() as unknown as SessionCountGroup[];
}

/** Keys counted at a stretch: some tens of milliseconds, after which an intent that waits goes first. */
const keysPerRange = 50_000;

/** How many of the next keys a search and the ranges leave, by kind; `next` is null after the last. */
export async function countGroups(
  database: Database,
  { filter, after }: { filter: SessionFilter; after: number },
): Promise<{ groups: SessionCountGroup[]; next: number | null }> {
  const { search } = filter;
  // A search that finds little is counted at once: each stretch would begin it anew.
  const upTo =
    canUseSearchIndex(search) && (await hasFewMatches(database, search))
      ? Number.MAX_SAFE_INTEGER
      : after + keysPerRange;
  const open: SessionFilter = {
    ...filter,
    statuses: [],
    providers: [],
    products: [],
    connectionIds: [],
    environments: [],
    sources: [],
  };
  const from = canUseSearchIndex(search)
    ? sql.raw('sessions_search CROSS JOIN sessions')
    : sql.raw('sessions NOT INDEXED');
  const key = sql.raw(canUseSearchIndex(search) ? 'sessions_search.rowid' : 'sessions.key');
  const where = canUseSearchIndex(search)
    ? allOf([
        sql`sessions_search MATCH ${ftsPhrase(search)}`,
        sql`sessions.key = sessions_search.rowid`,
        ...rangeConditions(filter),
      ])
    : filterCondition(open, 'text');
  const { rows } = await sql<SessionCountGroup>`SELECT ${sql.raw(groupColumns)}, count(*) AS sessions FROM ${from}
    WHERE ${key} > ${after} AND ${key} <= ${upTo} AND ${where} GROUP BY 1, 2, 3, 4`.execute(database);
  const more = await database.selectFrom('sessions').select('key').where('key', '>', upTo).limit(1).executeTakeFirst();
  return { groups: rows, next: more ? upTo : null };
}

/** Every currency in use: one seek each. */
export function currencies(sqlite: DatabaseSync): string[] {
  const next = sqlite.prepare(
    `SELECT min(${sortKeys.amount.expression}) AS value FROM sessions WHERE ${sortKeys.amount.expression} > ?`,
  );
  const found: string[] = [];
  for (let beyond = ' ~'; ;) {
    const value = next.get(beyond)?.['value'];
    if (typeof value !== 'string') return found;
    const currency = value.slice(0, value.indexOf(' '));
    found.push(currency);
    beyond = `${currency} ~`;
  }
}
