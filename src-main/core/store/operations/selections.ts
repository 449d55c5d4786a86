/** Counts and reads the selected sessions in ranges of keys, newest first. */
import { sql, type RawBuilder } from 'kysely';
import type { SessionSelection, Session } from '../../../contract/index.ts';
import type { Database } from '../schema.ts';
import { staleSessionKeys, countStaleItems } from './plan-selection.ts';
import { allOf, planKeyScan } from './session-filter.ts';
import { scanByKey, type ScanRange } from './range-scan.ts';

/** Sessions by key or by filter with exceptions; for a refresh of a plan, the stale sessions of the plan number. */
export type SelectionOrPlan = SessionSelection | { readonly plan: number };

function planSelectionScan(selection: SessionSelection): Pick<ReturnType<typeof planKeyScan>, 'from' | 'where'> {
  if (!('filter' in selection))
    return { from: sql`sessions`, where: sql`sessions.key IN ${keyListSql(selection.sessionKeys)}` };
  const scan = planKeyScan(selection.filter);
  return selection.excludedKeys.length === 0
    ? scan
    : { ...scan, where: allOf([scan.where, sql`sessions.key NOT IN ${keyListSql(selection.excludedKeys)}`]) };
}

/** Listed keys are looked up in one range; a filter is scanned in ranges. */
function selectionRanges(
  database: Database,
  selection: SessionSelection,
  after: number | null,
): AsyncIterable<ScanRange> | ScanRange[] {
  if ('filter' in selection)
    return scanByKey(database, { descending: true, key: planKeyScan(selection.filter).key, after });
  return [{ bounds: after === null ? [] : [sql`sessions.key < ${after}`], order: sql`sessions.key DESC` }];
}

function keyListSql(keys: readonly number[]): RawBuilder<unknown> {
  return sql`(SELECT value FROM json_each(${JSON.stringify(keys)}))`;
}

/**
 * Counts the selected sessions by connection and returns the greatest key; sessions tracked later have a greater one.
 */
export async function* countSelected(
  database: Database,
  selection: SelectionOrPlan,
): AsyncGenerator<void, { counts: { connectionId: string; sessions: number }[]; newestKey: number }, void> {
  if ('plan' in selection)
    return { counts: await countStaleItems(database, selection.plan), newestKey: Number.MAX_SAFE_INTEGER - 1 };
  const { from, where } = planSelectionScan(selection);
  const counts = new Map<string, number>();
  let newestKey = 0;
  for await (const { bounds } of selectionRanges(database, selection, null)) {
    const { rows } = await sql<{ connectionId: string; sessions: number; newest: number }>`
      SELECT sessions.connection_id AS "connectionId", count(*) AS sessions, max(sessions.key) AS newest
      FROM ${from} WHERE ${allOf([...bounds, where])} GROUP BY 1`.execute(database);
    for (const { connectionId, sessions, newest } of rows) {
      counts.set(connectionId, (counts.get(connectionId) ?? 0) + sessions);
      newestKey = Math.max(newestKey, newest);
    }
    yield;
  }
  return { counts: [...counts].map(([connectionId, sessions]) => ({ connectionId, sessions })), newestKey };
}

/** Returns the next selected keys of one connection, newest first. */
export async function* selectedKeys(
  database: Database,
  {
    selection,
    connectionId,
    belowKey,
    limit,
  }: { selection: SelectionOrPlan; connectionId: string; belowKey: number; limit: number },
): AsyncGenerator<void, number[], void> {
  if ('plan' in selection)
    return await staleSessionKeys(database, { planNumber: selection.plan, connectionId, belowKey, limit });
  const ofConnection = sql<boolean>`sessions.connection_id = ${connectionId}`;
  const rows = yield* queryRows<{ key: number }>(database, {
    selection,
    extraConditions: [ofConnection],
    columns: sql`sessions.key`,
    belowKey,
    limit,
  });
  return rows.map(({ key }) => key);
}

/** Returns the next selected sessions, newest first. */
export function selectedRows(
  database: Database,
  { selection, belowKey, limit }: { selection: SessionSelection; belowKey: number; limit: number },
): AsyncGenerator<void, Session[], void> {
  return queryRows<Session>(database, { selection, extraConditions: [], columns: sql`sessions.*`, belowKey, limit });
}

interface RowQuery {
  readonly selection: SessionSelection;
  readonly extraConditions: readonly RawBuilder<boolean>[];
  readonly columns: RawBuilder<unknown>;
  readonly belowKey: number;
  readonly limit: number;
}

async function* queryRows<Row>(
  database: Database,
  { selection, extraConditions, columns, belowKey, limit }: RowQuery,
): AsyncGenerator<void, Row[], void> {
  const { from, where } = planSelectionScan(selection);
  const selectedSoFar: Row[] = [];
  for await (const { bounds, order } of selectionRanges(database, selection, belowKey)) {
    const { rows } =
      await sql<Row>`SELECT ${columns} FROM ${from} WHERE ${allOf([...bounds, where, ...extraConditions])}
      ORDER BY ${order} LIMIT ${limit - selectedSoFar.length}`.execute(database);
    selectedSoFar.push(...rows);
    if (selectedSoFar.length === limit) break;
    yield;
  }
  return selectedSoFar;
}
