/** Verifies the chain record by record in constant memory and stops at the first fault. */
import type { AuditDamageKind } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import { genesisMac, computeMac, type AuditHead } from './record-mac.ts';
import { readEpochReach, readFirstDamaged } from './recorded-details.ts';

export interface AuditKey {
  readonly key: Uint8Array;
  readonly keyId: string;
}

/** Damage that was found and recorded earlier; the chain continues after it. */
export interface RecordedDamage {
  readonly kind: AuditDamageKind;
  /** The first damaged record. */
  readonly sequence: number;
  /** The record that reports the damage. */
  readonly recordedInSequence: number;
}

/** Plain data, so that it can be posted between threads and a verification can continue from it. */
export interface VerificationState {
  /** The expected sequence of the next record. */
  nextSequence: number;
  previousMac: string;
  previousAt: string;
  /** The number of records whose MAC is valid under the current key. */
  verified: number;
  /** Ranges of records with other keys: only their links were verified. */
  otherKeyRanges: { from: number; to: number }[];
  /** The first sequence of the range with another key that includes the last record; null under the current key. */
  otherKeySince: number | null;
  recordedDamages: RecordedDamage[];
  clockRegressions: { count: number; firstSequence: number } | null;
  /** Set if the log is not the one of the head: its first record or the record of the head differs. */
  headMismatch: { kind: 'replaced' | 'rolled_back'; sequence: number } | null;
}

export type ChainFault = 'gap' | 'link' | 'mac' | 'other_key';

export function createVerificationState(from: { sequence: number; mac: string } | null = null): VerificationState {
  return {
    nextSequence: (from?.sequence ?? 0) + 1,
    previousMac: from?.mac ?? genesisMac,
    previousAt: '',
    verified: 0,
    otherKeyRanges: [],
    otherKeySince: null,
    recordedDamages: [],
    clockRegressions: null,
    headMismatch: null,
  };
}

/**
 * Verifies the next record and updates the state; returns null if it is valid. After a fault the state is that before
 * the record. The fault `other_key` concerns the range before the record.
 */
export function verifyRecord(
  state: VerificationState,
  row: AuditRow,
  audit: AuditKey,
  head: AuditHead | null,
): ChainFault | null {
  const { key, keyId } = audit;
  if (row.sequence !== state.nextSequence) return 'gap';
  if (row.keyId === keyId) {
    if (computeMac(row, key) !== row.mac) return 'mac';
    if (row.previousMac !== state.previousMac) return 'link';
    if (state.otherKeySince !== null && !isValidEpochStart(row, state.otherKeySince)) return 'other_key';
    state.otherKeySince = null;
    state.verified += 1;
    const damage = parseRecordedDamage(row);
    if (damage) state.recordedDamages.push(damage);
  } else {
    if (row.previousMac !== state.previousMac) return 'link';
    addOtherKeySequence(state, row.sequence);
  }
  if (head && head.sequence > 0) compareWithHead(state, row, head);
  if (row.at < state.previousAt) {
    state.clockRegressions ??= { count: 0, firstSequence: row.sequence };
    state.clockRegressions.count += 1;
  }
  state.nextSequence += 1;
  state.previousMac = row.mac;
  state.previousAt = row.at;
  return null;
}

function compareWithHead(state: VerificationState, { sequence, mac }: AuditRow, head: AuditHead): void {
  if (sequence === 1 && mac !== head.log) state.headMismatch = { kind: 'replaced', sequence };
  if (sequence === head.sequence && mac !== head.mac) state.headMismatch ??= { kind: 'rolled_back', sequence };
}

/** Only a record that begins an epoch may follow records of another key, which must not replace records of this key. */
function isValidEpochStart(row: AuditRow, otherKeySince: number): boolean {
  return row.action === 'audit_epoch_began' && (readEpochReach(row) ?? Infinity) < otherKeySince;
}

export function parseRecordedDamage(row: AuditRow): RecordedDamage | null {
  if (row.action !== 'audit_damage_found') return null;
  const sequence = readFirstDamaged(row) ?? row.sequence;
  return { kind: row.outcome as AuditDamageKind, sequence, recordedInSequence: row.sequence };
}

function addOtherKeySequence(state: VerificationState, sequence: number): void {
  state.otherKeySince ??= sequence;
  const last = state.otherKeyRanges.at(-1);
  if (last && last.to === sequence - 1) last.to = sequence;
  else state.otherKeyRanges.push({ from: sequence, to: sequence });
}
