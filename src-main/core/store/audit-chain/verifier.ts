/** Goes along the chain record by record, in constant memory, and stops where it is broken. */
import type { AuditDamageKind } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import { genesisMac, computeMac, type AuditHead } from './record-mac.ts';

export interface AuditKey {
  readonly key: Uint8Array;
  readonly keyId: string;
}

/** Damage the console itself found earlier and wrote down; the chain goes on behind it. */
export interface RecordedDamage {
  readonly kind: AuditDamageKind;
  /** The first record that is not what it was. */
  readonly sequence: number;
  /** The record that says so. */
  readonly recordedInSequence: number;
}

/** Plain data, so that a check can go on where a message left it. */
export interface VerificationState {
  /** The sequence that has to come next. */
  nextSequence: number;
  previousMac: string;
  previousAt: string;
  /** Records whose MAC fits under the key at hand. */
  verified: number;
  /** Stretches under keys that are not at hand: linked, and no more than that. */
  otherKeyRanges: { from: number; to: number }[];
  /** Where the stretch under another key begins that the last record belongs to; null in our own. */
  otherKeySince: number | null;
  recordedDamages: RecordedDamage[];
  clockRegressions: { count: number; firstSequence: number } | null;
  /** Where the chain is another than the one the head belongs to: at its first record, or at the head's. */
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

/** Takes the next record. A fault leaves the state before the record; `other_key` is about the stretch before it. */
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

const epochDetailPattern = /records of this key reach to (\d+)$/;
const damageDetailPattern = /first amiss (\d+)\b/;

export function formatEpochDetail(lastOwn: number): string {
  return `records of this key reach to ${lastOwn}`;
}

export function formatDamageDetail(sequence: number, what: string): string {
  return `first amiss ${sequence}; ${what}`;
}

/** Only a record that begins an epoch may follow records of another key, and none of those may be where ours were. */
function isValidEpochStart(row: AuditRow, foreignSince: number): boolean {
  return (
    row.action === 'audit_epoch_began' &&
    Number(epochDetailPattern.exec(row.detail ?? '')?.[1] ?? Infinity) < foreignSince
  );
}

export function parseRecordedDamage(row: AuditRow): RecordedDamage | null {
  if (row.action !== 'audit_damage_found') return null;
  const sequence = Number(damageDetailPattern.exec(row.detail ?? '')?.[1] ?? row.sequence);
  return { kind: row.outcome as AuditDamageKind, sequence, recordedInSequence: row.sequence };
}

function addOtherKeySequence(state: VerificationState, sequence: number): void {
  state.otherKeySince ??= sequence;
  const last = state.otherKeyRanges.at(-1);
  if (last && last.to === sequence - 1) last.to = sequence;
  else state.otherKeyRanges.push({ from: sequence, to: sequence });
}
