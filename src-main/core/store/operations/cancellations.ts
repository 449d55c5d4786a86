import type { Database } from '../kysely.ts';
import type { CancellationRow } from '../schema.ts';

/** A second unresolved attempt on the same session breaks a unique index: the caller resolves the first one instead. */
export async function insertCancellation(database: Database, row: CancellationRow): Promise<void> {
  await database.insertInto('cancellations').values(row).execute();
}

export type CancellationChanges = Partial<Omit<CancellationRow, 'id' | 'sessionKey' | 'requestedAt'>>;

export function changeCancellation(database: Database, id: string, changes: CancellationChanges): Promise<CancellationRow> {
  return database.updateTable('cancellations').set(changes).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
}

export function findCancellation(database: Database, id: string): Promise<CancellationRow | undefined> {
  return database.selectFrom('cancellations').selectAll().where('id', '=', id).executeTakeFirst();
}

export function cancellationsOf(database: Database, sessionKey: number): Promise<CancellationRow[]> {
  return database.selectFrom('cancellations').selectAll().where('sessionKey', '=', sessionKey).orderBy('requestedAt', 'desc').execute();
}

/** The one attempt on this session whose outcome is not known. */
export function unresolvedCancellation(database: Database, sessionKey: number): Promise<CancellationRow | undefined> {
  return database
    .selectFrom('cancellations')
    .selectAll()
    .where('sessionKey', '=', sessionKey)
    .where('state', 'in', ['intended', 'sent', 'unknown'])
    .executeTakeFirst();
}

/** What a run that did not end by itself has left behind. */
export function interruptedCancellations(database: Database): Promise<CancellationRow[]> {
  return database.selectFrom('cancellations').selectAll().where('state', 'in', ['intended', 'sent']).execute();
}
