/** The log's rows without Kysely: a million of them are read for one verification. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditRow } from '../schema.ts';
import { coveredFields } from './record-mac.ts';

export const snakeCase = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const fields = [...coveredFields, 'mac'] as const;
const integers: ReadonlySet<string> = new Set(['sequence', 'sessionKey'] satisfies (keyof AuditRow)[]);

/** An integer that JavaScript cannot hold is none of ours; as text it fails its MAC instead of the query. */
const safely = (column: string) =>
  `CASE WHEN ${column} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${column} ELSE CAST(${column} AS TEXT) END`;
export const selected = fields
  .map((field) => `${integers.has(field) ? safely(snakeCase(field)) : snakeCase(field)} AS "${field}"`)
  .join(', ');

const places = fields.map(() => '?').join(', ');
export const insertion = `INSERT INTO audit (${fields.map(snakeCase).join(', ')}) VALUES (${places})`;

export function insertionValues(row: AuditRow): (string | number | null)[] {
  return fields.map((field) => row[field]);
}

/** The first row of the log in an order or under a condition, both ours. */
export function oneRow(sqlite: DatabaseSync, rest: string, ...values: (string | number)[]): AuditRow | undefined {
  return sqlite.prepare(`SELECT ${selected} FROM audit ${rest} LIMIT 1`).get(...values) as AuditRow | undefined;
}

export function rowAt(sqlite: DatabaseSync, sequence: number): AuditRow | undefined {
  return oneRow(sqlite, 'WHERE sequence = ?', sequence);
}

/** Before every record, also before those that somebody put in front of the first. */
export const beforeAll = -1e19;

/** The record that a check meets when `next` is the sequence it waits for. */
export function rowMet(sqlite: DatabaseSync, next: number): AuditRow | undefined {
  return oneRow(sqlite, 'WHERE sequence > ? ORDER BY sequence', placeBefore(next));
}

export function placeBefore(next: number): number {
  return next === 1 ? beforeAll : next - 1;
}

/** In the order of their sequence. */
export function rowsAfter(sqlite: DatabaseSync, sequence: number, limit = -1): Iterable<AuditRow> {
  const rows = sqlite.prepare(`SELECT ${selected} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`);
  return rows.iterate(sequence, limit) as Iterable<AuditRow>;
}
