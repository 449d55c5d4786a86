/**
 * Statements for what a running batch asks hundreds of times a second: there the query builder takes longer to write a query
 * than SQLite to carry it out. Tables and fields come from our own code, values are bound.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { toSnakeCase } from './audit-chain/audit-rows.ts';

const statementCache = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** Prepared once for each text. */
export function prepareCached(sqlite: DatabaseSync, text: string): StatementSync {
  const statements = statementCache.get(sqlite) ?? new Map<string, StatementSync>();
  statementCache.set(sqlite, statements);
  let statement = statements.get(text);
  if (!statement) statements.set(text, (statement = sqlite.prepare(text)));
  return statement;
}

/** The fields as columns of a SELECT or RETURNING, under their own names. */
export function selectColumns(fields: readonly string[]): string {
  return fields.map((field) => `${toSnakeCase(field)} AS "${field}"`).join(', ');
}

export function insertInto(sqlite: DatabaseSync, table: string, row: object): void {
  prepareCached(sqlite, insertSql(table, row)).run(...(Object.values(row) as SQLInputValue[]));
}

/** Inserts the row unless it is there, and answers with its `columns`; undefined where it was. */
export function insertIfAbsent(
  sqlite: DatabaseSync,
  { table, columns }: { table: string; columns: string },
  row: object,
): Record<string, unknown> | undefined {
  return prepareCached(sqlite, `${insertSql(table, row)} ON CONFLICT DO NOTHING RETURNING ${columns}`).get(
    ...(Object.values(row) as SQLInputValue[]),
  );
}

function insertSql(table: string, row: object): string {
  const fields = Object.keys(row);
  return `INSERT INTO ${table} (${fields.map(toSnakeCase).join(', ')}) VALUES (${fields.map(() => '?').join(', ')})`;
}

/** Changes the one row whose `key` has the value, and answers with its `columns` as they are then; undefined where there is none. */
export function updateOne(
  sqlite: DatabaseSync,
  { table, key, columns }: { table: string; key: string; columns: string },
  value: SQLInputValue,
  changes: object,
): Record<string, unknown> | undefined {
  const set = Object.keys(changes)
    .map((field) => `${toSnakeCase(field)} = ?`)
    .join(', ');
  return prepareCached(sqlite, `UPDATE ${table} SET ${set} WHERE ${key} = ? RETURNING ${columns}`).get(
    ...(Object.values(changes) as SQLInputValue[]),
    value,
  );
}
