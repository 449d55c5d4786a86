/** Counts and reads the selected sessions in ranges of keys, newest first. */
import { sql, type RawBuilder } from 'kysely';
import type { SessionSelection, Session, ItemOutcome, SessionFilter } from '../../../contract/index.ts';
import type { Database } from '../schema.ts';
import { allOf, planKeyScan, valueList } from './session-filter.ts';
import { scanByKey, type ScanRange } from './range-scan.ts';
import type { DatabaseSync } from 'node:sqlite';

/** Sessions by key or by filter with exceptions; for a refresh of a plan, the stale sessions of the plan number. */
export type SelectionOrPlan = SessionSelection | { readonly plan: number };

function planSelectionScan(selection: SessionSelection): Pick<ReturnType<typeof planKeyScan>, 'from' | 'where'> {
  if (!('filter' in selection))
    return { from: sql`sessions`, where: sql`sessions.key IN ${valueList(selection.sessionKeys)}` };
  const scan = planKeyScan(selection.filter);
  return selection.excludedKeys.length === 0
    ? scan
    : { ...scan, where: allOf([scan.where, sql`sessions.key NOT IN ${valueList(selection.excludedKeys)}`]) };
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

/** The sessions of a new plan. Repeated keys and keys without a session are ignored. */
export type PlanSource =
  | { readonly kind: 'keys'; readonly sessionKeys: readonly number[] }
  /** `maxSessionKey`: sessions that are tracked later have a greater key and are excluded. */
  | {
      readonly kind: 'filter';
      readonly filter: SessionFilter;
      readonly except: readonly number[];
      readonly maxSessionKey: number;
    }
  | { readonly kind: 'items'; readonly batchNumber: number; readonly outcomes: readonly ItemOutcome[] };

interface DatabaseHandles {
  readonly database: Database;
  readonly sqlite: DatabaseSync;
}

/** Keys or items read per slice. */
const rowsPerSlice = 20_000;

/** Collects the selected sessions, each once. The table ends with this thread: an unfinished plan is created again. */
export async function* selectSessions(
  { database, sqlite }: DatabaseHandles,
  { planNumber, source }: { planNumber: number; source: PlanSource },
): AsyncGenerator<void, void, void> {
  sqlite.exec(`CREATE TEMP TABLE IF NOT EXISTS plan_selection (
    plan_number INTEGER, connection_id TEXT, session_key INTEGER,
    PRIMARY KEY (plan_number, connection_id, session_key DESC)
  ) WITHOUT ROWID`);
  switch (source.kind) {
    case 'keys':
      return yield* selectByKeys(sqlite, planNumber, [...new Set(source.sessionKeys)]);
    case 'filter':
      return yield* selectByFilter(database, planNumber, source);
    case 'items':
      return yield* selectByItems(sqlite, planNumber, source);
  }
}

async function* selectByKeys(sqlite: DatabaseSync, planNumber: number, keys: readonly number[]) {
  for (let from = 0; from < keys.length; from += rowsPerSlice) {
    sqlite
      .prepare(
        `INSERT INTO temp.plan_selection
        SELECT ?, connection_id, key FROM sessions WHERE key IN (SELECT value FROM json_each(?))`,
      )
      .run(planNumber, JSON.stringify(keys.slice(from, from + rowsPerSlice)));
    yield await Promise.resolve();
  }
}

async function* selectByFilter(
  database: Database,
  planNumber: number,
  { filter, except, maxSessionKey }: Extract<PlanSource, { kind: 'filter' }>,
) {
  const { from, key, where } = planKeyScan(filter);
  for await (const { bounds } of scanByKey(database, { descending: true, key, after: maxSessionKey + 1 })) {
    await sql`INSERT INTO temp.plan_selection SELECT ${planNumber}, sessions.connection_id, sessions.key FROM ${from}
      WHERE ${allOf([...bounds, where])} AND ${key} NOT IN ${valueList(except)}`.execute(database);
    yield;
  }
}

/** Removed sessions are excluded. */
async function* selectByItems(
  sqlite: DatabaseSync,
  planNumber: number,
  { batchNumber, outcomes }: Extract<PlanSource, { kind: 'items' }>,
) {
  const end = lastPosition(sqlite, batchNumber);
  for (let after = 0; after < end; after += rowsPerSlice) {
    sqlite
      .prepare(
        `INSERT INTO temp.plan_selection
        SELECT ?, s.connection_id, s.key FROM batch_items i JOIN sessions s ON s.key = i.session_key
        WHERE i.batch_number = ? AND i.position > ? AND i.position <= ?
          AND i.outcome IN (SELECT value FROM json_each(?))
          AND s.connection_id = i.connection_id AND s.product = i.product AND s.id = i.session_id`,
      )
      .run(planNumber, batchNumber, after, after + rowsPerSlice, JSON.stringify(outcomes));
    yield await Promise.resolve();
  }
}

/** Deletes the collected sessions of a plan that will not be created. */
export async function* clearSelection(sqlite: DatabaseSync, planNumber: number): AsyncGenerator<void, void, void> {
  const deleteStatement =
    sqlite.prepare(`DELETE FROM temp.plan_selection WHERE plan_number = ? AND (connection_id, session_key) IN (
    SELECT connection_id, session_key FROM temp.plan_selection WHERE plan_number = ? LIMIT ${rowsPerSlice})`);
  while (Number(deleteStatement.run(planNumber, planNumber).changes) > 0) yield await Promise.resolve();
}

function lastPosition(sqlite: DatabaseSync, batchNumber: number): number {
  return Number(
    sqlite.prepare('SELECT max(position) AS last FROM batch_items WHERE batch_number = ?').get(batchNumber)?.['last'] ??
      0,
  );
}

/** Sessions of a plan that a refresh of the plan reads. */
const isStaleItem = sql<boolean>`verdict IN ('stale', 'unresolved')`;

async function countStaleItems(
  database: Database,
  planNumber: number,
): Promise<{ connectionId: string; sessions: number }[]> {
  const rows = await database
    .selectFrom('batchCounts')
    .select(['connectionId', ({ fn }) => fn.sum<number>('items').as('sessions')])
    .where('batchNumber', '=', planNumber)
    .where(isStaleItem)
    .groupBy('connectionId')
    .execute();
  return rows.filter(({ sessions }) => sessions > 0);
}

/**
 * Returns the stale sessions of one connection in plan order (newest first). `belowKey`: the last key of the previous
 * page.
 */
async function staleSessionKeys(
  database: Database,
  {
    planNumber,
    connectionId,
    belowKey,
    limit,
  }: { planNumber: number; connectionId: string; belowKey: number; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ key: number }>`SELECT session_key AS key FROM batch_items
    WHERE batch_number = ${planNumber} AND connection_id = ${connectionId} AND ${isStaleItem} AND position > coalesce(
      (SELECT position FROM batch_items WHERE batch_number = ${planNumber} AND session_key = ${belowKey}),
      (SELECT sum(items) FROM batch_counts WHERE batch_number = ${planNumber} AND connection_id < ${connectionId}), 0)
    ORDER BY position LIMIT ${limit}`.execute(database);
  return rows.map(({ key }) => key);
}
