/** Pages of the session list, read in the order of an index; and counts by group. */
import type { DatabaseSync } from 'node:sqlite';
import { sql, type RawBuilder } from 'kysely';
import type { Session, SessionFilter, SessionSort } from '../../../contract/index.ts';
import type { Database } from '../schema.ts';
import {
  allOf,
  canUseSearchIndex,
  filterCondition,
  ftsPhrase,
  sortKeys,
  planKeyScan,
  valueList,
} from './session-filter.ts';
import { scanByKey, scanByIndex, type ScanRange } from './range-scan.ts';

/** A position in the list: the sort value, and the session key, which orders equal values. */
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

/** A search with up to this many matches is sorted; with more, a scan of the sort index finds matches often enough. */
const maxSortedMatches = 20_000;

/** Yields after each range, so that a cancelled read ends and a filter with few matches delays no other request. */
export async function* sessionPage(
  database: Database,
  input: ListInput,
): AsyncGenerator<void, { rows: Session[]; next: ListPosition | null }, void> {
  const { limit } = input;
  const plan = await planScan(database, input);
  const positions: ListPosition[] = [];
  let skip = input.skip;
  // A small search result is read in one range: each further range would repeat the search.
  const isSmallResult =
    plan.usesSearchIndex && input.sort.by === 'tracked' && (await hasFewMatches(database, input.filter.search));
  for await (const range of isSmallResult ? [fullRange(input)] : scanRanges(database, input, plan)) {
    const matches = await readPositions(database, input, plan, range, { limit: limit - positions.length, skip });
    skip = matches.length > 0 || skip === 0 ? 0 : skip - (await countRows(database, plan, range));
    positions.push(...matches);
    if (positions.length === limit) break;
    yield;
  }
  const rows = await database
    .selectFrom('sessions')
    .selectAll()
    .where('key', 'in', sql<number>`${valueList(positions.map(({ key }) => key))}`)
    .execute();
  const rowsByKey = new Map(rows.map((row) => [row.key, row]));
  return {
    rows: positions.flatMap(({ key }) => rowsByKey.get(key) ?? []),
    next: positions.length === limit ? (positions.at(-1) ?? null) : null,
  };
}

/** The table to scan, and the condition for each row. */
interface ScanPlan {
  /** Scans the search index instead of an index of the sessions. */
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

/**
 * The search index is ordered by key. For characters outside ASCII the search index must be used: LIKE folds the case
 * of ASCII letters only.
 */
async function canSortMatches(database: Database, search: string, { by }: SessionSort): Promise<boolean> {
  return by === 'tracked' || /[^\x20-\x7e]/.test(search) || (await hasFewMatches(database, search));
}

async function hasFewMatches(database: Database, search: string): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`SELECT count(*) AS found FROM (
    SELECT rowid FROM sessions_search WHERE sessions_search MATCH ${ftsPhrase(search)}
    LIMIT ${maxSortedMatches + 1})`.execute(database);
  return (rows[0]?.found ?? 0) <= maxSortedMatches;
}

function fullRange({ sort: { descending }, after }: ListInput): ScanRange {
  const [afterOperator, order] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const key = sql.raw('sessions_search.rowid');
  return {
    bounds: after === null ? [] : [sql`${key} ${sql.raw(afterOperator)} ${after.key}`],
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
  page: { limit: number; skip: number },
): Promise<ListPosition[]> {
  const sortKey = by === 'tracked' ? sql`NULL` : sql.raw(sortKeys[by].expression);
  const { rows } = await sql<ListPosition>`SELECT sessions.key AS key, ${sortKey} AS value FROM ${from}
    WHERE ${allOf([...bounds, where])} ORDER BY ${order} LIMIT ${page.limit} OFFSET ${page.skip}`.execute(database);
  return rows;
}

async function countRows(database: Database, { from, where }: ScanPlan, { bounds }: ScanRange): Promise<number> {
  const { rows } = await sql<{
    found: number;
  }>`SELECT count(*) AS found FROM ${from} WHERE ${allOf([...bounds, where])}`.execute(database);
  return rows[0]?.found ?? 0;
}

/** The number of sessions with the same connection, product, status and source. */
export interface SessionCountGroup extends Readonly<Pick<Session, 'connectionId' | 'product' | 'status' | 'source'>> {
  readonly sessions: number;
}

const groupColumns = 'connection_id AS "connectionId", product, status, source';

/** Returns the counts of all sessions by group, from counters that triggers update: exact and fast at any size. */
export function sessionCountGroups(sqlite: DatabaseSync): SessionCountGroup[] {
  return sqlite
    .prepare(`SELECT ${groupColumns}, sessions FROM session_counts WHERE sessions > 0`)
    .all() as unknown as SessionCountGroup[];
}

/** Keys counted per range: some tens of milliseconds. Waiting intents run between ranges. */
const keysPerRange = 50_000;

/** Counts the matches of the search and the range conditions among the next keys; `next` is null after the last key. */
export async function countGroups(
  database: Database,
  { filter, after }: { filter: SessionFilter; after: number },
): Promise<{ groups: SessionCountGroup[]; next: number | null }> {
  const { search } = filter;
  // A small search result is counted in one range: each further range would repeat the search.
  const upTo =
    canUseSearchIndex(search) && (await hasFewMatches(database, search))
      ? Number.MAX_SAFE_INTEGER
      : after + keysPerRange;
  const filterWithoutGroups: SessionFilter = {
    ...filter,
    statuses: [],
    providers: [],
    products: [],
    connectionIds: [],
    environments: [],
    sources: [],
  };
  const { from: scanned, key, where } = planKeyScan(filterWithoutGroups);
  const from = canUseSearchIndex(search) ? scanned : sql`sessions NOT INDEXED`;
  const { rows } = await sql<SessionCountGroup>`SELECT ${sql.raw(groupColumns)}, count(*) AS sessions FROM ${from}
    WHERE ${key} > ${after} AND ${key} <= ${upTo} AND ${where} GROUP BY 1, 2, 3, 4`.execute(database);
  const nextRow = await database
    .selectFrom('sessions')
    .select('key')
    .where('key', '>', upTo)
    .limit(1)
    .executeTakeFirst();
  return { groups: rows, next: nextRow ? upTo : null };
}

/** Returns every currency in use, with one index seek each. */
export function currencies(sqlite: DatabaseSync): string[] {
  const next = sqlite.prepare(
    `SELECT min(${sortKeys.amount.expression}) AS value FROM sessions WHERE ${sortKeys.amount.expression} > ?`,
  );
  const currencyCodes: string[] = [];
  for (let lowerBound = ' ~'; ;) {
    const value = next.get(lowerBound)?.['value'];
    if (typeof value !== 'string') return currencyCodes;
    const currency = value.slice(0, value.indexOf(' '));
    currencyCodes.push(currency);
    lowerBound = `${currency} ~`;
  }
}
