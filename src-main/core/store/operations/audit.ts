import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  parseAuditDetail,
  type AuditChain,
  type AuditDamage,
  type AuditFilter,
  type AuditRecord,
  type DailyOutcomes,
} from '../../../contract/index.ts';
import {
  verifyRecord,
  parseRecordedDamage,
  type AuditKey,
  type VerificationState,
  type ChainFault,
} from '../audit-chain/verifier.ts';
import { classifyDamage, getTraceMacs } from '../audit-chain/classify-damage.ts';
import {
  genesisMac,
  computeMac,
  computeExportMac,
  type AuditHead,
  type ExportExtent,
} from '../audit-chain/record-mac.ts';
import {
  findRow,
  sequenceBefore,
  findRowAt,
  findNextRow,
  rowsAfter,
  selectedColumns,
  toSnakeCase,
} from '../audit-chain/audit-rows.ts';
import { readConfirmedPlan, readRestoredBackup, type RecordedPlan } from '../audit-chain/recorded-details.ts';
import type { AuditRow } from '../schema.ts';

export interface AuditPageInput {
  readonly before: number | null;
  readonly skip?: number | undefined;
  readonly limit: number;
  readonly filter?: AuditFilter | undefined;
}

export interface AuditSliceInput {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  readonly filter?: AuditFilter | undefined;
}

/** The restore, or the damage found at an opening, that the operator has not reviewed yet. */
export interface RestoredDatabase {
  readonly sequence: number;
  readonly at: string;
  /** null if the file was not restored by the app. */
  readonly backupName: string | null;
}

/** Returns the newest record of a restore or of damage that no `restore_reviewed` record follows; null if none. */
export function unreviewedRestore(sqlite: DatabaseSync): RestoredDatabase | null {
  const newestOf = (action: AuditRecord['action']) => {
    const row = findRow(sqlite, `WHERE action = '${action}' ORDER BY sequence DESC`);
    return row ? [row] : [];
  };
  const [newest] = [...newestOf('database_restored'), ...newestOf('audit_damage_found')].sort(
    (a, b) => b.sequence - a.sequence,
  );
  const [reviewed] = newestOf('restore_reviewed');
  if (!newest || (reviewed && reviewed.sequence > newest.sequence)) return null;
  const { sequence, at, action } = newest;
  return { sequence, at, backupName: action === 'database_restored' ? readRestoredBackup(newest) : null };
}

/** Records read per slice; waiting requests are executed between slices. */
const recordsPerRange = 10_000;

/**
 * Returns a page of records, newest first, and the number of matches. Both cover the log as it was at the start:
 * records that are appended between two slices are not included.
 */
export async function* auditPage(
  sqlite: DatabaseSync,
  { before, skip = 0, limit, filter }: AuditPageInput,
): AsyncGenerator<void, { rows: AuditRecord[]; total: number }, void> {
  const { condition, values } = buildCondition(sqlite, filter);
  const pageStatement = sqlite.prepare(
    `SELECT ${selectedColumns} FROM audit WHERE ${condition} AND sequence BETWEEN ? AND ?
    ORDER BY sequence DESC LIMIT ? OFFSET ?`,
  );
  const countStatement = sqlite.prepare(
    `SELECT count(*) AS count FROM audit WHERE ${condition} AND sequence BETWEEN ? AND ?`,
  );
  const rows: AuditRow[] = [];
  const below = Math.min(Number(findRow(sqlite, 'ORDER BY sequence DESC')?.sequence ?? 0) + 1, unboundedRange.below);
  let rowsToSkip = skip;
  for (const [first, last] of sequenceRanges(sqlite, {
    ...unboundedRange,
    below: before ?? below,
    newestFirst: true,
  })) {
    const matchCount = rowsToSkip > 0 ? Number(countStatement.get(...values, first, last)?.['count']) : 0;
    if (rowsToSkip === 0 || matchCount > rowsToSkip) {
      rows.push(
        ...(pageStatement.all(...values, first, last, limit - rows.length, rowsToSkip) as unknown as AuditRow[]),
      );
    }
    rowsToSkip = Math.max(0, rowsToSkip - matchCount);
    if (rows.length === limit) break;
    yield;
  }
  return { rows: rows.map(toAuditRecord), total: yield* countRecords(sqlite, condition, values, below) };
}

/** Returns records for an export, oldest first, with the fields of the chain. */
export async function* auditSlice(
  sqlite: DatabaseSync,
  input: AuditSliceInput,
): AsyncGenerator<void, AuditRow[], void> {
  const { after, upTo, limit, filter } = input;
  const { condition, values } = buildCondition(sqlite, filter);
  const statement = sqlite.prepare(
    `SELECT ${selectedColumns} FROM audit WHERE ${condition} AND sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?`,
  );
  const rows: AuditRow[] = [];
  for (const [first, last] of sequenceRanges(sqlite, { above: after, below: upTo + 1, newestFirst: false })) {
    rows.push(...(statement.all(...values, first, last, limit - rows.length) as unknown as AuditRow[]));
    if (rows.length === limit) break;
    yield;
  }
  return rows;
}

/** Sequences that JavaScript can represent; the app writes no others. */
const unboundedRange = { above: -Number.MAX_SAFE_INTEGER, below: Number.MAX_SAFE_INTEGER };

/** Yields the sequences between `above` and `below` in ranges. Gaps, which only tampering creates, are skipped. */
function* sequenceRanges(
  sqlite: DatabaseSync,
  { above, below, newestFirst }: { above: number; below: number; newestFirst: boolean },
): Generator<readonly [number, number]> {
  const next = sqlite.prepare(
    `SELECT ${newestFirst ? 'max' : 'min'}(sequence) AS boundary FROM audit WHERE sequence > ? AND sequence < ?`,
  );
  for (let [low, high] = [above, below]; ;) {
    const boundary = next.get(low, high)?.['boundary'];
    if (typeof boundary !== 'number') return;
    if (newestFirst) {
      high = Math.max(boundary - recordsPerRange, low) + 1;
      yield [high, boundary];
    } else {
      low = Math.min(boundary + recordsPerRange, high) - 1;
      yield [boundary, low];
    }
  }
}

function toAuditRecord({ keyId: _keyId, previousMac: _previousMac, mac: _mac, ...row }: AuditRow): AuditRecord {
  return { ...row, detail: row.detail === null ? null : parseAuditDetail(row.action, row.detail) };
}

/** Returns a record, the status of its MAC, and whether the MACs that link it to its neighbours match. */
export function auditRecord(sqlite: DatabaseSync, { key, keyId }: AuditKey, sequence: number): AuditChain | null {
  const row = findRowAt(sqlite, sequence);
  if (!row) return null;
  const before = findRowAt(sqlite, sequence - 1);
  const after = findRowAt(sqlite, sequence + 1);
  const isLast = findRow(sqlite, 'ORDER BY sequence DESC')?.sequence === sequence;
  const compareMacs = (mac: string, referenced: string) =>
    mac === referenced ? ('intact' as const) : ('broken' as const);
  return {
    record: toAuditRecord(row),
    mac: row.mac,
    previousMac: row.previousMac,
    keyId: row.keyId,
    macStatus: toMacStatus(row, { key, keyId }),
    previous:
      sequence === 1
        ? { link: row.previousMac === genesisMac ? 'none' : 'broken', mac: null }
        : { link: before ? compareMacs(before.mac, row.previousMac) : 'missing', mac: before?.mac ?? null },
    next: {
      link: after ? compareMacs(row.mac, after.previousMac) : isLast ? 'none' : 'missing',
      previousMac: after?.previousMac ?? null,
    },
  };
}

/**
 * Returns what the audit log says that the operator confirmed for a batch, and whether the MAC of this record is valid;
 * null if no record says it.
 */
export function batchConfirmation(
  sqlite: DatabaseSync,
  { key, keyId }: AuditKey,
  batchId: string,
): { plan: RecordedPlan | null; macStatus: AuditChain['macStatus'] } | null {
  const row = findRow(sqlite, "WHERE action = 'batch_confirmed' AND batch_id = ? ORDER BY sequence DESC", batchId);
  return row ? { plan: readConfirmedPlan(row), macStatus: toMacStatus(row, { key, keyId }) } : null;
}

function toMacStatus(row: AuditRow, { key, keyId }: AuditKey): AuditChain['macStatus'] {
  if (row.keyId !== keyId) return 'key_not_available';
  return computeMac(row, key) === row.mac ? 'valid' : 'invalid';
}

/** Without a filter, the sequence of the last record is the count; with a filter, counts range by range. */
async function* countRecords(
  sqlite: DatabaseSync,
  condition: string,
  values: SQLInputValue[],
  below: number,
): AsyncGenerator<void, number, void> {
  if (condition === matchAllCondition) return below - 1;
  const statement = sqlite.prepare(
    `SELECT count(*) AS count FROM audit WHERE ${condition} AND sequence BETWEEN ? AND ?`,
  );
  let total = 0;
  for (const [first, last] of sequenceRanges(sqlite, { ...unboundedRange, below, newestFirst: true })) {
    total += Number(statement.get(...values, first, last)?.['count']);
    yield;
  }
  return total;
}

const matchAllCondition = '1';
/** The fields of a filter that a record must equal. */
const filteredFields = ['action', 'outcome', 'operator', 'connectionId', 'sessionKey', 'sessionId', 'batchId'] as const;

function buildCondition(sqlite: DatabaseSync, filter: AuditFilter | undefined) {
  const terms: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (term: string, ...more: SQLInputValue[]) => {
    terms.push(term);
    values.push(...more);
  };
  for (const field of filteredFields) if (filter?.[field]) add(`${toSnakeCase(field)} = ?`, filter[field]);
  if (filter?.from || filter?.to) {
    const { first, last } = sequenceRangeOfDays(
      sqlite,
      filter.from?.slice(0, 10) ?? '',
      filter.to?.slice(0, 10) ?? '9',
    );
    add('sequence BETWEEN ? AND ?', first, last);
    if (filter.from) add('+at >= ?', filter.from);
    if (filter.to) add('+at < ?', filter.to);
  }
  return { condition: terms.join(' AND ') || matchAllCondition, values };
}

/** Returns the sequence range that contains the records of these days (UTC). A clock set back widens the range. */
function sequenceRangeOfDays(sqlite: DatabaseSync, firstDay: string, lastDay: string): { first: number; last: number } {
  const range = sqlite
    .prepare('SELECT min(first) AS first, max(last) AS last FROM audit_days WHERE day BETWEEN ? AND ?')
    .get(firstDay, lastDay);
  return { first: Number(range?.['first'] ?? 1), last: Number(range?.['last'] ?? 0) };
}

/** Counts completed cancellations per day (UTC) and outcome, oldest day first; days without any are omitted. */
export function outcomesPerDay(sqlite: DatabaseSync, { from, to }: { from: string; to: string }): DailyOutcomes[] {
  const rows = sqlite
    .prepare('SELECT day, outcome, settled FROM outcome_days WHERE day BETWEEN ? AND ? ORDER BY day, outcome')
    .all(from, to);
  const days = new Map<string, DailyOutcomes>();
  for (const row of rows) {
    const day = String(row['day']);
    const entry = days.get(day) ?? { day, outcomes: {} };
    entry.outcomes[String(row['outcome'])] = Number(row['settled']);
    days.set(day, entry);
  }
  return [...days.values()];
}

/** Returns exports of the previous run without an end record. Call it before this run appends `workspace_opened`. */
export function unfinishedExports(
  sqlite: DatabaseSync,
): { action: 'sessions_exported' | 'batch_exported'; batchId: string | null; count: number }[] {
  return sqlite
    .prepare(
      `SELECT action, batch_id AS batchId, sum(CASE outcome WHEN 'begun' THEN 1 ELSE -1 END) AS count FROM audit
      WHERE action IN ('sessions_exported', 'batch_exported')
        AND sequence > (SELECT coalesce(max(sequence), 0) FROM audit WHERE action = 'workspace_opened')
      GROUP BY 1, 2 HAVING count > 0`,
    )
    .all() as unknown as ReturnType<typeof unfinishedExports>;
}

/** Verifies one slice of the log; a slice is short, so that an intent does not wait noticeably. */
export function verifyAuditSlice(
  sqlite: DatabaseSync,
  key: AuditKey,
  input: { state: VerificationState; head: AuditHead | null; upTo: number; limit: number },
): { state: VerificationState; fault: ChainFault | null; done: boolean } {
  const { state, head, upTo, limit } = input;
  let rowCount = 0;
  for (const row of rowsAfter(sqlite, sequenceBefore(state.nextSequence), limit)) {
    rowCount += 1;
    // A number that JavaScript cannot represent is text here and sorts after all others.
    if (Number(row.sequence) > upTo && state.nextSequence > upTo) return { state, fault: null, done: true };
    const fault = verifyRecord(state, row, key, head);
    if (fault) return { state, fault, done: true };
  }
  return { state, fault: null, done: rowCount < limit };
}

/**
 * Returns the rows among the next `limit` that help to classify the damage, and the sequence to continue after; null at
 * the end of the log.
 */
export function findDamageTraces(
  sqlite: DatabaseSync,
  input: { state: VerificationState; after: number; limit: number },
) {
  const { state, after, limit } = input;
  const row = findNextRow(sqlite, state.nextSequence);
  if (!row) return { rows: [], next: null };
  const { macs, previousMac } = getTraceMacs({
    before: { sequence: state.nextSequence - 1, mac: state.previousMac },
    row,
  });
  const next = sqlite
    .prepare('SELECT sequence FROM audit WHERE sequence > ? ORDER BY sequence LIMIT 1 OFFSET ?')
    .get(after, limit - 1)?.['sequence'];
  const rows = sqlite
    .prepare(
      `SELECT ${selectedColumns} FROM audit
      WHERE sequence > ? AND sequence <= ? AND (mac IN (?, ?) OR previous_mac = ?) LIMIT 20`,
    )
    .all(
      after,
      next === undefined ? Number.MAX_SAFE_INTEGER : Number(next),
      ...macs,
      previousMac,
    ) as unknown as AuditRow[];
  return { rows, next: next === undefined ? null : Number(next) };
}

/** Classifies the damage at the record where the verification stopped. */
export function classifyDamageAt(
  sqlite: DatabaseSync,
  key: AuditKey,
  input: { state: VerificationState; fault: ChainFault; head: AuditHead | null; traces: readonly AuditRow[] },
): AuditDamage {
  const { state, fault, head, traces } = input;
  const row = findNextRow(sqlite, state.nextSequence);
  if (!row) throw new Error('The audit log changed while it was verified.');
  const sequence = fault === 'other_key' ? (state.otherKeySince ?? state.nextSequence) : state.nextSequence;
  const recorded = findRecordedDamage(sqlite, key, sequence);
  const context = {
    before: { sequence: state.nextSequence - 1, mac: state.nextSequence === 1 ? genesisMac : state.previousMac },
    after: findRow(sqlite, 'WHERE sequence > ? ORDER BY sequence', row.sequence),
    row,
    head,
    traces,
    recordedKind: recorded?.kind,
  };
  return {
    kind: classifyDamage(fault, context, key),
    sequence,
    recordedInSequence: recorded?.recordedInSequence ?? null,
  };
}

function findRecordedDamage(sqlite: DatabaseSync, { key, keyId }: AuditKey, sequence: number) {
  const rows = sqlite
    .prepare(`SELECT ${selectedColumns} FROM audit WHERE action = 'audit_damage_found' AND sequence > ? LIMIT 100`)
    .all(sequence) as unknown as AuditRow[];
  return rows
    .filter((row) => row.keyId === keyId && computeMac(row, key) === row.mac)
    .map(parseRecordedDamage)
    .find((damage) => damage?.sequence === sequence);
}

export function exportMac(
  { key }: AuditKey,
  { headerLine, head, extent }: { headerLine: string; head: AuditHead; extent: ExportExtent },
): string {
  return computeExportMac(headerLine, head, extent, key);
}
