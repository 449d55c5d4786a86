import type { ConnectionRow, Database, RateLimitRow } from '../schema.ts';

export function listConnections(database: Database): Promise<ConnectionRow[]> {
  return database.selectFrom('connections').selectAll().orderBy('createdAt').execute();
}

export async function putConnection(database: Database, { row }: { row: ConnectionRow }): Promise<void> {
  const { id: _id, createdAt: _createdAt, ...changes } = row;
  await database
    .insertInto('connections')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
}

export async function deleteConnection(database: Database, { id }: { id: string }): Promise<void> {
  await database.deleteFrom('connections').where('id', '=', id).execute();
}

export function listRateLimits(database: Database): Promise<RateLimitRow[]> {
  return database.selectFrom('paces').selectAll().execute();
}

export async function putRateLimit(database: Database, { row }: { row: RateLimitRow }): Promise<void> {
  const { connectionId: _connectionId, ...limits } = row;
  await database
    .insertInto('paces')
    .values(row)
    .onConflict((conflict) => conflict.column('connectionId').doUpdateSet(limits))
    .execute();
}
