/** Batches and their items: pages and counts for the screen, and the steps of a running batch. */
import type { DatabaseSync } from 'node:sqlite';
import { sql, type RawBuilder } from 'kysely';
import {
  isFinalStatus,
  type BatchItem,
  type BatchItemFilter,
  type BatchState,
  type Session,
} from '../../../contract/index.ts';
import { prepareCached, selectColumns, writeOne } from '../prepared-statements.ts';
import type { BatchCountRow, BatchItemRow, BatchRow, CancellationRow, Database, NewBatchRow } from '../schema.ts';
import { insertCancellation, unresolvedCancellation } from './cancellations.ts';
import { allOf, inCondition, textCondition } from './session-filter.ts';
import { findSession } from './sessions.ts';

export function findBatch(database: Database, id: string): Promise<BatchRow | undefined> {
  return database.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first; `before` is the number of the last batch of the previous page. */
export function batchPage(
  database: Database,
  { before, limit }: { before: number | null; limit: number },
): Promise<BatchRow[]> {
  return database
    .selectFrom('batches')
    .selectAll()
    .$if(before !== null, (query) => query.where('number', '<', before))
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
}

/** Uses the index `batches_open`, so the states must be equal to those in the index. */
export function openBatches(database: Database): Promise<BatchRow[]> {
  return database
    .selectFrom('batches')
    .selectAll()
    .where('state', 'in', ['planning', 'planned', 'armed', 'running', 'paused', 'stopping', 'interrupted'])
    .orderBy('number')
    .execute();
}

export function batchCounts(database: Database, numbers: readonly number[]): Promise<BatchCountRow[]> {
  return database
    .selectFrom('batchCounts')
    .selectAll()
    .where('batchNumber', 'in', numbers)
    .where('items', '>', 0)
    .execute();
}

export function insertBatch(database: Database, row: NewBatchRow): Promise<BatchRow> {
  return database.insertInto('batches').values(row).returningAll().executeTakeFirstOrThrow();
}

export type BatchChanges = Partial<Omit<BatchRow, 'number' | 'id' | 'operator' | 'host' | 'createdAt'>>;

/** Changes the batch if its state is one of `from`; otherwise returns undefined and changes nothing. */
export function changeBatch(
  database: Database,
  { id, from, changes }: { id: string; from: readonly BatchState[]; changes: BatchChanges },
): Promise<BatchRow | undefined> {
  return database
    .updateTable('batches')
    .set(changes)
    .where('id', '=', id)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst();
}

/** Items read per range: about 10 ms. */
const itemsPerRange = 20_000;

export interface ItemQuery {
  readonly batchNumber: number;
  readonly filter: BatchItemFilter;
}

/** Returns items in plan order after a position; the first `skip` matches are skipped. */
export async function* itemPage(
  database: Database,
  { batchNumber, filter, after, skip, limit }: ItemQuery & { after: number; skip: number; limit: number },
): AsyncGenerator<void, BatchItem[], void> {
  const where = itemCondition(filter);
  // Positions have no gaps, so without a filter the start position can be calculated.
  const skippedPositions = where === null ? skip : 0;
  const items: BatchItem[] = [];
  let rowsToSkip = skip - skippedPositions;
  for await (const bounds of itemRanges(database, batchNumber, after + skippedPositions)) {
    const inRange = allOf([bounds, ...(where === null ? [] : [where])]);
    if (rowsToSkip > 0) {
      const matchCount = await countWhere(database, inRange);
      if (matchCount <= rowsToSkip) {
        rowsToSkip -= matchCount;
        yield;
        continue;
      }
    }
    const { rows } = await sql<BatchItem>`SELECT ${columns} FROM batch_items WHERE ${inRange}
      ORDER BY position LIMIT ${limit - items.length} OFFSET ${rowsToSkip}`.execute(database);
    rowsToSkip = 0;
    items.push(...rows);
    if (items.length === limit) break;
    yield;
  }
  return items;
}

/** Counts the matches. Without a search it reads the counters that triggers update. */
export async function* countItems(
  database: Database,
  { batchNumber, filter }: ItemQuery,
): AsyncGenerator<void, number, void> {
  if (filter.search === '') {
    const { rows } = await sql<{ items: number | null }>`SELECT sum(items) AS items FROM batch_counts
      WHERE batch_number = ${batchNumber} AND ${allOf(exactConditions(filter))}`.execute(database);
    return rows[0]?.items ?? 0;
  }
  let total = 0;
  for await (const bounds of itemRanges(database, batchNumber, 0)) {
    total += await countWhere(database, allOf([bounds, itemCondition(filter) ?? sql`TRUE`]));
    yield;
  }
  return total;
}

async function* itemRanges(
  database: Database,
  batchNumber: number,
  after: number,
): AsyncGenerator<RawBuilder<boolean>, void, void> {
  const lastPosition = sql<{
    last: number | null;
  }>`SELECT max(position) AS last FROM batch_items WHERE batch_number = ${batchNumber}`;
  const { rows } = await lastPosition.execute(database);
  const last = rows[0]?.last ?? 0;
  for (let from = after; from < last; from += itemsPerRange) {
    yield sql<boolean>`batch_number = ${batchNumber} AND position > ${from} AND position <= ${from + itemsPerRange}`;
  }
}

async function countWhere(database: Database, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ found: number }>`SELECT count(*) AS found FROM batch_items WHERE ${where}`.execute(
    database,
  );
  return rows[0]?.found ?? 0;
}

/** Returns null if every item matches. */
function itemCondition(filter: BatchItemFilter): RawBuilder<boolean> | null {
  const terms = [
    ...exactConditions(filter),
    ...(filter.search === '' ? [] : [textCondition(['reference', 'session_id'], filter.search)]),
  ];
  return terms.length === 0 ? null : allOf(terms);
}

function exactConditions({ eligibility, outcomes, connectionId }: BatchItemFilter): RawBuilder<boolean>[] {
  return [
    ...(eligibility === null ? [] : [sql<boolean>`verdict = ${eligibility}`]),
    ...inCondition('outcome', outcomes),
    ...(connectionId === null ? [] : [sql<boolean>`connection_id = ${connectionId}`]),
  ];
}

const columns = sql.raw(`position, session_key AS "sessionKey", connection_id AS "connectionId", product,
  session_id AS "sessionId", reference, amount, currency, status, verdict AS eligibility, outcome, cause,
  found_status AS "foundStatus", confirmed_by AS "confirmedBy", cancellation_id AS "cancellationId",
  settled_at AS "settledAt"`);

/** Returns the next waiting items of a connection, in plan order. */
export function waitingItems(
  database: Database,
  {
    batchNumber,
    connectionId,
    after,
    limit,
  }: { batchNumber: number; connectionId: string; after: number; limit: number },
): Promise<BatchItemRow[]> {
  return database
    .selectFrom('batchItems')
    .selectAll()
    .where('batchNumber', '=', batchNumber)
    .where('outcome', '=', 'waiting')
    .where('connectionId', '=', connectionId)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute();
}

/**
 * The result of starting an item. Only for `started` an intent was written and marked as sent: send the request now.
 */
export type StartedItem =
  | { readonly kind: 'started'; readonly row: CancellationRow; readonly session: Session }
  /** An earlier attempt has no known outcome; the item now refers to that attempt. */
  | { readonly kind: 'unresolved'; readonly row: CancellationRow; readonly session: Session }
  /** Send no request: the session is final or removed, differs from the planned one, or the item no longer waits. */
  | {
      readonly kind: 'skipped';
      readonly reason: 'session_final' | 'session_not_found' | 'plan_changed' | 'not_waiting';
    };

type PlannedItem = Pick<BatchItemRow, 'sessionKey' | 'connectionId' | 'product' | 'sessionId' | 'outcome'>;
const plannedColumns = selectColumns([
  'sessionKey',
  'connectionId',
  'product',
  'sessionId',
  'outcome',
] satisfies (keyof PlannedItem)[]);

/** Re-checks the session in the transaction of the intent, then writes the intent or the reason to skip the item. */
export function startItem(
  sqlite: DatabaseSync,
  { batchNumber, position, row }: Pick<BatchItemRow, 'batchNumber' | 'position'> & { row: CancellationRow },
): StartedItem {
  const item = prepareCached(
    sqlite,
    `SELECT ${plannedColumns} FROM batch_items WHERE batch_number = ? AND position = ?`,
  ).get(batchNumber, position) as PlannedItem | undefined;
  if (item?.outcome !== 'waiting') return { kind: 'skipped', reason: 'not_waiting' };
  const updateItem = (
    outcome: BatchItemRow['outcome'],
    cancellationId: string | null,
    foundStatus: string | null,
    settledAt: string | null,
  ) =>
    writeOne(
      prepareCached(
        sqlite,
        `UPDATE batch_items SET outcome = ?, cancellation_id = ?, found_status = ?, settled_at = ?
        WHERE batch_number = ? AND position = ?`,
      ),
      ...[outcome, cancellationId, foundStatus, settledAt, batchNumber, position],
    );
  const now = new Date().toISOString();
  const session = findSession(sqlite, item.sessionKey);
  if (!session || item.sessionKey !== row.sessionKey) {
    updateItem('not_sent', null, null, now);
    return { kind: 'skipped', reason: 'session_not_found' };
  }
  if (session.connectionId !== item.connectionId || session.product !== item.product || session.id !== item.sessionId) {
    updateItem('not_sent', null, null, now);
    return { kind: 'skipped', reason: 'plan_changed' };
  }
  if (isFinalStatus(session.status)) {
    updateItem('already_final', null, session.status, now);
    return { kind: 'skipped', reason: 'session_final' };
  }
  const unresolved = unresolvedCancellation(sqlite, session.key);
  const attempt = unresolved ?? row;
  if (!unresolved) insertCancellation(sqlite, { row });
  updateItem(attempt.state, attempt.id, null, null);
  return { kind: unresolved ? 'unresolved' : 'started', row: attempt, session };
}

/** Returns the newest batch that contains the cancellation; null if it belongs to none. */
export function findBatchOfCancellation(sqlite: DatabaseSync, cancellationId: string): string | null {
  const row = prepareCached(
    sqlite,
    `SELECT b.id FROM batch_items i JOIN batches b ON b.number = i.batch_number
    WHERE i.cancellation_id = ? ORDER BY b.number DESC LIMIT 1`,
  ).get(cancellationId);
  return row ? String(row['id']) : null;
}

/** Returns the cancellations of an interrupted batch whose outcome is not known. */
export function unresolvedCancellationsOfBatch(database: Database, batchNumber: number): Promise<CancellationRow[]> {
  return database
    .selectFrom('cancellations')
    .selectAll()
    .where('id', 'in', (of) =>
      of
        .selectFrom('batchItems')
        .select((on) => on.ref('cancellationId').$notNull().as('cancellationId'))
        .where('batchNumber', '=', batchNumber)
        .where('outcome', 'in', ['intended', 'sent', 'unknown']),
    )
    .where('state', 'in', ['intended', 'sent', 'unknown'])
    .execute();
}

/**
 * Sets items to waiting again after an interruption or a pause and returns their number: items that were proven not to
 * be sent, and items that a status check found still active without a second request. An item keeps the id of its last
 * attempt until the next one. An item whose request got a response keeps its outcome.
 */
export async function reopenItems(database: Database, batchNumber: number): Promise<number> {
  const { numUpdatedRows } = await database
    .updateTable('batchItems')
    .set({ outcome: 'waiting', cause: null, foundStatus: null, confirmedBy: null, settledAt: null })
    .where('batchNumber', '=', batchNumber)
    .where((on) =>
      on.or([
        on.and([on('outcome', '=', 'not_sent'), on('cause', '=', 'stopped_before_sending')]),
        on.and([
          on('outcome', '=', 'still_active'),
          on.or([on('cause', 'is', null), on('cause', '=', 'stopped_before_sending')]),
        ]),
      ]),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/**
 * Marks up to `limit` waiting items as not sent and returns their number. An item with an earlier attempt gets its
 * outcome.
 */
export async function markItemsNotSent(
  database: Database,
  { batchNumber, limit }: { batchNumber: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE batch_items AS item SET outcome = coalesce(previous.state, 'not_sent'),
      cause = iif(previous.id IS NULL, 'stopped_before_sending', previous.cause),
      found_status = previous.found_status, confirmed_by = previous.confirmed_by,
      settled_at = coalesce(previous.settled_at, ${new Date().toISOString()})
    FROM (SELECT position AS waiting_position, cancellation_id AS previous_id FROM batch_items
        WHERE batch_number = ${batchNumber} AND outcome = 'waiting' ORDER BY position LIMIT ${limit})
      LEFT JOIN cancellations AS previous ON previous.id = previous_id
    WHERE item.batch_number = ${batchNumber} AND item.position = waiting_position`.execute(database);
  return Number(numAffectedRows ?? 0);
}
