import type { BatchState } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import type { BatchCountRow, BatchRow, NewBatchRow, RateLimitRow } from '../schema.ts';

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

export function listRateLimits(database: Database): Promise<RateLimitRow[]> {
  return database.selectFrom('paces').selectAll().execute();
}

export async function putRateLimit(database: Database, row: RateLimitRow): Promise<void> {
  const { connectionId: _connectionId, ...limits } = row;
  await database
    .insertInto('paces')
    .values(row)
    .onConflict((conflict) => conflict.column('connectionId').doUpdateSet(limits))
    .execute();
}
