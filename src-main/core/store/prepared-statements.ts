/**
 * Cached statements for queries that a running batch executes hundreds of times a second: there the query builder takes
 * longer to build a query than SQLite takes to execute it. Table and field names come from code; values are bound.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { toSnakeCase } from './audit-chain/audit-rows.ts';
import { DatabaseDamageError } from './sqlite-error.ts';

const statementCache = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** Prepares each SQL text once. */
export function prepareCached(sqlite: DatabaseSync, sqlText: string): StatementSync {
  const statements = statementCache.get(sqlite) ?? new Map<string, StatementSync>();
  statementCache.set(sqlite, statements);
  let statement = statements.get(sqlText);
  if (!statement) statements.set(sqlText, (statement = sqlite.prepare(sqlText)));
  return statement;
}

/** Returns the column list of a SELECT or RETURNING clause, with camelCase aliases. */
export function selectColumns(fields: readonly string[]): string {
  return fields.map((field) => `${toSnakeCase(field)} AS "${field}"`).join(', ');
}

/** Executes a statement that writes exactly one row. Throws if it wrote none, for example if a trigger ignored it. */
export function writeOne(statement: StatementSync, ...values: SQLInputValue[]): void {
  const { changes } = statement.run(...values);
  if (Number(changes) !== 1) throw new DatabaseDamageError(`${String(changes)} rows were written instead of one`);
}

export function insertInto(sqlite: DatabaseSync, table: string, row: object): void {
  writeOne(prepareCached(sqlite, insertSql(table, row)), ...(Object.values(row) as SQLInputValue[]));
}

/** Inserts the row and returns its `columns`; returns undefined if the row already exists. */
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

/**
 * Updates the row whose `key` column has the value and returns its new `columns`. Throws if no row was written: none
 * matches, or a trigger ignored the change.
 */
export function updateOne(
  sqlite: DatabaseSync,
  { table, key, columns }: { table: string; key: string; columns: string },
  value: SQLInputValue,
  changes: object,
): Record<string, unknown> {
  const set = Object.keys(changes)
    .map((field) => `${toSnakeCase(field)} = ?`)
    .join(', ');
  const row = prepareCached(sqlite, `UPDATE ${table} SET ${set} WHERE ${key} = ? RETURNING ${columns}`).get(
    ...(Object.values(changes) as SQLInputValue[]),
    value,
  );
  if (!row) throw new DatabaseDamageError(`The row to change in ${table} was not written`);
  return row;
}
