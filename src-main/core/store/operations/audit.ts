import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { AuditDamage, AuditFilter, AuditRecord, OutcomesOfDay } from '../../../contract/index.ts';
import { check, damageIn, type AuditKey, type CheckState, type Fault } from '../chain/checker.ts';
import { kindOf, tracesOf } from '../chain/classify.ts';
import { genesisMac, macOf, sealOf, type AuditHead, type ExportExtent } from '../chain/record.ts';
import { oneRow, placeBefore, rowMet, rowsAfter, selected } from '../chain/rows.ts';
import type { AuditRow } from '../schema.ts';

export interface AuditPageInput {
  readonly before: number | null;
  readonly limit: number;
  readonly filter?: AuditFilter | undefined;
}

export interface AuditSliceInput {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  readonly filter?: AuditFilter | undefined;
}

/** Newest first. The total is that of the filter, at any size: see `countRecords`. */
export function auditPage(sqlite: DatabaseSync, { before, limit, filter }: AuditPageInput) {
  const { condition, values } = conditionOf(sqlite, filter);
  const rows = sqlite
    .prepare(`SELECT ${selected} FROM audit WHERE ${condition} AND sequence < ? ORDER BY sequence DESC LIMIT ?`)
    .all(...values, before ?? afterAll, limit);
  return { rows: (rows as unknown as AuditRow[]).map(withoutChain), total: countRecords(sqlite, condition, values) };
}

/** Oldest first, with the chain's own fields: for an export. */
export function auditSlice(sqlite: DatabaseSync, input: AuditSliceInput): AuditRow[] {
  const { after, upTo, limit, filter } = input;
  const { condition, values } = conditionOf(sqlite, filter);
  return sqlite
    .prepare(`SELECT ${selected} FROM audit WHERE ${condition} AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`)
    .all(...values, after, upTo, limit) as unknown as AuditRow[];
}

function withoutChain({ keyId: _keyId, previousMac: _previousMac, mac: _mac, ...record }: AuditRow): AuditRecord {
  return record;
}

/** The whole log is counted by its last record, which has no gaps unless somebody made them; a filter by its index. */
function countRecords(sqlite: DatabaseSync, condition: string, values: SQLInputValue[]): number {
  if (condition === everything) return Number(oneRow(sqlite, 'ORDER BY sequence DESC')?.sequence ?? 0);
  const counted = sqlite.prepare(`SELECT count(*) AS count FROM audit WHERE ${condition}`).get(...values);
  return Number(counted?.['count'] ?? 0);
}

const everything = '1';
const afterAll = 1e19;

function conditionOf(sqlite: DatabaseSync, filter: AuditFilter | undefined) {
  const terms: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (term: string, ...more: SQLInputValue[]) => {
    terms.push(term);
    values.push(...more);
  };
  if (filter?.action) add('action = ?', filter.action);
  if (filter?.outcome) add('outcome = ?', filter.outcome);
  if (filter?.operator) add('operator = ?', filter.operator);
  if (filter?.connectionId) add('connection_id = ?', filter.connectionId);
  if (filter?.sessionKey) add('session_key = ?', filter.sessionKey);
  if (filter?.sessionId) add('session_id = ?', filter.sessionId);
  if (filter?.from || filter?.to) {
    const { first, last } = spanOf(sqlite, filter.from?.slice(0, 10) ?? '', filter.to?.slice(0, 10) ?? '9');
    add('sequence BETWEEN ? AND ?', first, last);
    if (filter.from) add('+at >= ?', filter.from);
    if (filter.to) add('+at < ?', filter.to);
  }
  return { condition: terms.join(' AND ') || everything, values };
}

/** The sequences between which the records of these days (UTC) lie; a clock set back only makes it wider. */
function spanOf(sqlite: DatabaseSync, firstDay: string, lastDay: string): { first: number; last: number } {
  const span = sqlite
    .prepare('SELECT min(first) AS first, max(last) AS last FROM audit_days WHERE day BETWEEN ? AND ?')
    .get(firstDay, lastDay);
  return { first: Number(span?.['first'] ?? 1), last: Number(span?.['last'] ?? 0) };
}

/** How many cancellations were settled on each day (UTC), by outcome; oldest day first, days without any left out. */
export function outcomesPerDay(sqlite: DatabaseSync, { from, to }: { from: string; to: string }): OutcomesOfDay[] {
  const rows = sqlite
    .prepare('SELECT day, outcome, settled FROM outcome_days WHERE day BETWEEN ? AND ? ORDER BY day, outcome')
    .all(from, to);
  const days = new Map<string, OutcomesOfDay>();
  for (const row of rows) {
    const day = String(row['day']);
    const entry = days.get(day) ?? { day, outcomes: {} };
    entry.outcomes[String(row['outcome'])] = Number(row['settled']);
    days.set(day, entry);
  }
  return [...days.values()];
}

/** One slice of a verification, short enough that no intent waits for it noticeably. */
export function checkAudit(
  sqlite: DatabaseSync, key: AuditKey, input: { state: CheckState; head: AuditHead | null; upTo: number; limit: number },
): { state: CheckState; fault: Fault | null; done: boolean } {
  const { state, head, upTo, limit } = input;
  let seen = 0;
  for (const row of rowsAfter(sqlite, placeBefore(state.next), limit)) {
    seen += 1;
    // A number JavaScript cannot hold came as text, and sorts behind everything.
    if (Number(row.sequence) > upTo && state.next > upTo) return { state, fault: null, done: true };
    const fault = check(state, row, key, head);
    if (fault) return { state, fault, done: true };
  }
  return { state, fault: null, done: seen < limit };
}

/** The rows among the next `limit` that help to tell what broke the chain, and where to look on; null at the end. */
export function auditTraces(sqlite: DatabaseSync, input: { state: CheckState; after: number; limit: number }) {
  const { state, after, limit } = input;
  const row = rowMet(sqlite, state.next);
  if (!row) return { rows: [], next: null };
  const { macs, previousMac } = tracesOf({ before: { sequence: state.next - 1, mac: state.previousMac }, row });
  const next = sqlite
    .prepare('SELECT sequence FROM audit WHERE sequence > ? ORDER BY sequence LIMIT 1 OFFSET ?')
    .get(after, limit - 1)?.['sequence'];
  const rows = sqlite
    .prepare(`SELECT ${selected} FROM audit
      WHERE sequence > ? AND sequence <= ? AND (mac IN (?, ?) OR previous_mac = ?) LIMIT 20`)
    .all(after, next === undefined ? Number.MAX_SAFE_INTEGER : Number(next), ...macs, previousMac) as unknown as AuditRow[];
  return { rows, next: next === undefined ? null : Number(next) };
}

/** What broke the chain where the check stopped. */
export function damageAt(
  sqlite: DatabaseSync, key: AuditKey,
  input: { state: CheckState; fault: Fault; head: AuditHead | null; elsewhere: readonly AuditRow[] },
): AuditDamage {
  const { state, fault, head, elsewhere } = input;
  const row = rowMet(sqlite, state.next);
  if (!row) throw new Error('The audit log changed while it was verified.');
  const sequence = fault === 'foreign' ? state.foreignSince ?? state.next : state.next;
  const recorded = recordedDamage(sqlite, key, sequence);
  const around = {
    before: { sequence: state.next - 1, mac: state.next === 1 ? genesisMac : state.previousMac },
    after: oneRow(sqlite, 'WHERE sequence > ? ORDER BY sequence', row.sequence),
    row, head, elsewhere, recorded: recorded?.kind,
  };
  return { kind: kindOf(fault, around, key), sequence, recordedBy: recorded?.recordedBy ?? null };
}

function recordedDamage(sqlite: DatabaseSync, { key, keyId }: AuditKey, sequence: number) {
  const rows = sqlite
    .prepare(`SELECT ${selected} FROM audit WHERE action = 'audit_damage_found' AND sequence > ? LIMIT 100`)
    .all(sequence) as unknown as AuditRow[];
  return rows
    .filter((row) => row.keyId === keyId && macOf(row, key) === row.mac)
    .map(damageIn)
    .find((damage) => damage?.sequence === sequence);
}

export function sealExport({ key }: AuditKey, { head, extent }: { head: AuditHead; extent: ExportExtent }): string {
  return sealOf(head, extent, key);
}

