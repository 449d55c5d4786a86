import type { Database, ConnectionRow } from '../schema.ts';

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
