/** The log's rows without Kysely: a million of them are read for one verification. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditRow } from '../schema.ts';
import { macFields } from './record-mac.ts';

export const toSnakeCase = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const fields = [...macFields, 'mac'] as const;
const integerFields: ReadonlySet<string> = new Set(['sequence', 'sessionKey'] satisfies (keyof AuditRow)[]);

/** An integer that JavaScript cannot hold is none of ours; as text it fails its MAC instead of the query. */
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

/** The first row of the log in an order or under a condition, both ours. */
export function findRow(sqlite: DatabaseSync, rest: string, ...values: (string | number)[]): AuditRow | undefined {
  return sqlite.prepare(`SELECT ${selectedColumns} FROM audit ${rest} LIMIT 1`).get(...values) as AuditRow | undefined;
}

export function findRowAt(sqlite: DatabaseSync, sequence: number): AuditRow | undefined {
  return findRow(sqlite, 'WHERE sequence = ?', sequence);
}

/** Before every record, also before those that somebody put in front of the first. */
export const sequenceBeforeAll = -1e19;

/** The record that a check meets when `next` is the sequence it waits for. */
export function findNextRow(sqlite: DatabaseSync, next: number): AuditRow | undefined {
  return findRow(sqlite, 'WHERE sequence > ? ORDER BY sequence', sequenceBefore(next));
}

export function sequenceBefore(next: number): number {
  return next === 1 ? sequenceBeforeAll : next - 1;
}

/** In the order of their sequence. */
export function rowsAfter(sqlite: DatabaseSync, sequence: number, limit = -1): Iterable<AuditRow> {
  const rows = sqlite.prepare(`SELECT ${selectedColumns} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`);
  return rows.iterate(sequence, limit) as Iterable<AuditRow>;
}
