/** Items of a running batch: select the next ones, start one, and update the rest after a stop or a restart. */
import type { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { finalStatuses, type Session } from '../../../contract/index.ts';
import type { Database, BatchItemRow, CancellationRow } from '../schema.ts';
import { selectColumns, prepareCached, writeOne } from '../prepared-statements.ts';
import { insertCancellation, unresolvedCancellation } from './cancellations.ts';
import { findSession } from './sessions.ts';

/** Identifies an item by its batch and its position. */
export interface BatchItemId {
  readonly batchNumber: number;
  readonly position: number;
}

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
  { batchNumber, position, row }: BatchItemId & { row: CancellationRow },
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
  if (finalStatuses.some((status) => status === session.status)) {
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
