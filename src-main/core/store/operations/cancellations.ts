import type { Database } from '../kysely.ts';
import type { CancellationRow } from '../schema.ts';

/** As in the index `cancellations_unresolved`. */
const unresolvedStates = ['intended', 'sent', 'unknown'] as const;

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
    .where('state', 'in', unresolvedStates)
    .executeTakeFirst();
}

/** Whose outcome is not known: what a run that was cut off left behind, and what could not be read back before. */
export function unresolvedCancellations(database: Database): Promise<CancellationRow[]> {
  return database.selectFrom('cancellations').selectAll().where('state', 'in', unresolvedStates).orderBy('requestedAt').execute();
}
