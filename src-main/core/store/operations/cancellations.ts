import type { DatabaseSync } from 'node:sqlite';
import type { Database, CancellationRow } from '../schema.ts';
import { selectColumns, insertInto, prepareCached, updateOne } from '../prepared-statements.ts';

/** Equal to the states in the index `cancellations_unresolved`. */
const unresolvedStates = ['intended', 'sent', 'unknown'] as const;

/** Fails on a unique index if the session has an unresolved attempt: the caller must resolve that attempt first. */
export function insertCancellation(sqlite: DatabaseSync, { row }: { row: CancellationRow }): void {
  insertInto(sqlite, 'cancellations', row);
}

export type CancellationChanges = Partial<Omit<CancellationRow, 'id' | 'sessionKey' | 'requestedAt'>>;

const columns = selectColumns([
  'id',
  'sessionKey',
  'state',
  'cause',
  'foundStatus',
  'confirmedBy',
  'paymentInFlight',
  'operator',
  'reasonCategory',
  'reasonNote',
  'calls',
  'unclearCalls',
  'httpStatus',
  'providerCode',
  'providerMessage',
  'requestId',
  'requestedAt',
  'settledAt',
] satisfies (keyof CancellationRow)[]);

export function changeCancellation(sqlite: DatabaseSync, id: string, changes: CancellationChanges): CancellationRow {
  return updateOne(sqlite, { table: 'cancellations', key: 'id', columns }, id, changes) as unknown as CancellationRow;
}

export function findCancellation(database: Database, id: string): Promise<CancellationRow | undefined> {
  return database.selectFrom('cancellations').selectAll().where('id', '=', id).executeTakeFirst();
}

export function cancellationsOf(database: Database, sessionKey: number): Promise<CancellationRow[]> {
  return database
    .selectFrom('cancellations')
    .selectAll()
    .where('sessionKey', '=', sessionKey)
    .orderBy('requestedAt', 'desc')
    .execute();
}

/** Returns the attempt on this session whose outcome is not known; a session has at most one. */
export function unresolvedCancellation(sqlite: DatabaseSync, sessionKey: number): CancellationRow | undefined {
  return prepareCached(
    sqlite,
    `SELECT ${columns} FROM cancellations WHERE session_key = ? AND state IN ('intended', 'sent', 'unknown')`,
  ).get(sessionKey) as CancellationRow | undefined;
}

/** Returns the cancellations whose outcome is not known: after an interrupted run or after a failed status check. */
export function unresolvedCancellations(database: Database): Promise<CancellationRow[]> {
  return database
    .selectFrom('cancellations')
    .selectAll()
    .where('state', 'in', unresolvedStates)
    .orderBy('requestedAt')
    .execute();
}
