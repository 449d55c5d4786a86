/** The sessions of a batch while it runs: which come next, how one is begun, and what a stop or a restart leaves. */
import type { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { finalStatuses, type Session } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import type { BatchItemRow, CancellationRow } from '../schema.ts';
import { selectColumns, prepareCached } from '../prepared-statements.ts';
import { insertCancellation, unresolvedCancellation } from './cancellations.ts';
import { findSession } from './sessions.ts';

/** An item by its batch and its place in it. */
export interface BatchItemId {
  readonly batchNumber: number;
  readonly position: number;
}

/** The next items of a connection that wait, in the order of the plan. */
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

/** What became of the wish to begin an item. Only `started` has an intent, marked as sent: whoever has it must call at once. */
export type StartedItem =
  | { readonly kind: 'started'; readonly row: CancellationRow; readonly session: Session }
  /** An attempt from before has no known outcome; the item follows that one now. */
  | { readonly kind: 'unresolved'; readonly row: CancellationRow; readonly session: Session }
  /** Nothing is to be asked for: it is final by now, is gone, is not the session that was planned, or does not wait any more. */
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

/** Looks once more, in the transaction of the intent itself, whether the session is still the one to cancel. */
export async function startItem(
  { database, sqlite }: { database: Database; sqlite: DatabaseSync },
  { batchNumber, position, row }: BatchItemId & { row: CancellationRow },
): Promise<StartedItem> {
  const item = prepareCached(
    sqlite,
    `SELECT ${plannedColumns} FROM batch_items WHERE batch_number = ? AND position = ?`,
  ).get(batchNumber, position) as PlannedItem | undefined;
  if (item?.outcome !== 'waiting') return { kind: 'skipped', reason: 'not_waiting' };
  const change = (
    outcome: BatchItemRow['outcome'],
    cancellationId: string | null,
    foundStatus: string | null,
    settledAt: string | null,
  ) =>
    prepareCached(
      sqlite,
      'UPDATE batch_items SET outcome = ?, cancellation_id = ?, found_status = ?, settled_at = ? WHERE batch_number = ? AND position = ?',
    ).run(outcome, cancellationId, foundStatus, settledAt, batchNumber, position);
  const now = new Date().toISOString();
  const session = findSession(sqlite, item.sessionKey);
  if (!session || item.sessionKey !== row.sessionKey) {
    change('not_sent', null, null, now);
    return { kind: 'skipped', reason: 'session_not_found' };
  }
  if (session.connectionId !== item.connectionId || session.product !== item.product || session.id !== item.sessionId) {
    change('not_sent', null, null, now);
    return { kind: 'skipped', reason: 'plan_changed' };
  }
  if (finalStatuses.some((status) => status === session.status)) {
    change('already_final', null, session.status, now);
    return { kind: 'skipped', reason: 'session_final' };
  }
  const isUnresolved = prepareCached(
    sqlite,
    "SELECT 1 FROM cancellations WHERE session_key = ? AND state IN ('intended', 'sent', 'unknown')",
  ).get(session.key);
  const unresolved = isUnresolved ? await unresolvedCancellation(database, session.key) : undefined;
  const begun = unresolved ?? row;
  if (!unresolved) insertCancellation(sqlite, row);
  change(begun.state, begun.id, null, null);
  return { kind: unresolved ? 'unresolved' : 'started', row: begun, session };
}

/** The batch a cancellation belongs to, the latest where it was taken up again; null where it stands alone. */
export function findBatchOfCancellation(sqlite: DatabaseSync, cancellationId: string): string | null {
  const found = prepareCached(
    sqlite,
    `SELECT b.id FROM batch_items i JOIN batches b ON b.number = i.batch_number
    WHERE i.cancellation_id = ? ORDER BY b.number DESC LIMIT 1`,
  ).get(cancellationId);
  return found ? String(found['id']) : null;
}

/** Of a batch that was cut off: those of which it is not known what became of them. */
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
 * What a cut or a pause left undone waits again, and how many: proven not to have been sent, or found still active by a
 * reading that no second call was to follow. It names its last attempt until there is another. An item that was asked for
 * and answered keeps its outcome.
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

/** What still waits is not sent any more: so many of them, and how many those were. One that was asked for before keeps what came of that. */
export async function markItemsNotSent(
  database: Database,
  { batchNumber, limit }: { batchNumber: number; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE batch_items AS item SET outcome = coalesce(before.state, 'not_sent'), cause = iif(before.id IS NULL, 'stopped_before_sending', before.cause),
      found_status = before.found_status, confirmed_by = before.confirmed_by, settled_at = coalesce(before.settled_at, ${new Date().toISOString()})
    FROM (SELECT position AS place, cancellation_id AS attempt FROM batch_items WHERE batch_number = ${batchNumber} AND outcome = 'waiting' ORDER BY position LIMIT ${limit})
      LEFT JOIN cancellations AS before ON before.id = attempt
    WHERE item.batch_number = ${batchNumber} AND item.position = place`.execute(database);
  return Number(numAffectedRows ?? 0);
}
