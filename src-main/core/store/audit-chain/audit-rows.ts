/** Reads and writes audit rows without Kysely: a verification may read a million rows. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditRow } from '../schema.ts';
import { macFields } from './record-mac.ts';

export const toSnakeCase = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const fields = [...macFields, 'mac'] as const;
const integerFields: ReadonlySet<string> = new Set(['sequence', 'sessionKey'] satisfies (keyof AuditRow)[]);

/** Returns an integer that JavaScript cannot represent as text, so that its MAC fails instead of the query. */
const safeIntegerSql = (column: string) =>
  `CASE WHEN ${column} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${column} ELSE CAST(${column} AS TEXT) END`;
export const selectedColumns = fields
  .map((field) => `${integerFields.has(field) ? safeIntegerSql(toSnakeCase(field)) : toSnakeCase(field)} AS "${field}"`)
  .join(', ');

const placeholders = fields.map(() => '?').join(', ');
export const insertSql = `INSERT INTO audit (${fields.map(toSnakeCase).join(', ')}) VALUES (${placeholders})`;

export function insertValues(row: AuditRow): (string | number | null)[] {
  return fields.map((field) => row[field]);
}

/** Returns the first row; `rest` is SQL from code with a condition or an order. */
export function findRow(sqlite: DatabaseSync, rest: string, ...values: (string | number)[]): AuditRow | undefined {
  return sqlite.prepare(`SELECT ${selectedColumns} FROM audit ${rest} LIMIT 1`).get(...values) as AuditRow | undefined;
}

export function findRowAt(sqlite: DatabaseSync, sequence: number): AuditRow | undefined {
  return findRow(sqlite, 'WHERE sequence = ?', sequence);
}

/** Less than every sequence, also those of records that were inserted before the first one. */
export const sequenceBeforeAll = -1e19;

/** Returns the record that a verification reads next if it expects the sequence `next`. */
export function findNextRow(sqlite: DatabaseSync, next: number): AuditRow | undefined {
  return findRow(sqlite, 'WHERE sequence > ? ORDER BY sequence', sequenceBefore(next));
}

export function sequenceBefore(next: number): number {
  return next === 1 ? sequenceBeforeAll : next - 1;
}

/** Ordered by sequence. */
export function rowsAfter(sqlite: DatabaseSync, sequence: number, limit = -1): Iterable<AuditRow> {
  const rows = sqlite.prepare(`SELECT ${selectedColumns} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`);
  return rows.iterate(sequence, limit) as Iterable<AuditRow>;
}
