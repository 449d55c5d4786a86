/** Goes along the chain record by record, in constant memory, and stops where it is broken. */
import type { AuditDamageKind } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import { genesisMac, macOf, type AuditHead } from './record-mac.ts';

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
  readonly recordedBy: number;
}

/** Plain data, so that a check can go on where a message left it. */
export interface CheckState {
  /** The sequence that has to come next. */
  next: number;
  previousMac: string;
  previousAt: string;
  /** Records whose MAC fits under the key at hand. */
  verified: number;
  /** Stretches under keys that are not at hand: linked, and no more than that. */
  unavailable: { from: number; to: number }[];
  /** Where the stretch under another key begins that the last record belongs to; null in our own. */
  foreignSince: number | null;
  recorded: RecordedDamage[];
  clockBack: { count: number; first: number } | null;
  /** Where the chain is another than the one the head belongs to: at its first record, or at the head's. */
  parted: { kind: 'replaced' | 'rolled_back'; sequence: number } | null;
}

export type Fault = 'gap' | 'link' | 'mac' | 'foreign';

export function startOfCheck(from: { sequence: number; mac: string } | null = null): CheckState {
  return {
    next: (from?.sequence ?? 0) + 1,
    previousMac: from?.mac ?? genesisMac,
    previousAt: '',
    verified: 0,
    unavailable: [],
    foreignSince: null,
    recorded: [],
    clockBack: null,
    parted: null,
  };
}

/** Takes the next record. A fault leaves the state before the record; `foreign` is about the stretch before it. */
export function check(state: CheckState, row: AuditRow, audit: AuditKey, head: AuditHead | null): Fault | null {
  const { key, keyId } = audit;
  if (row.sequence !== state.next) return 'gap';
  if (row.keyId === keyId) {
    if (macOf(row, key) !== row.mac) return 'mac';
    if (row.previousMac !== state.previousMac) return 'link';
    if (state.foreignSince !== null && !isReturn(row, state.foreignSince)) return 'foreign';
    state.foreignSince = null;
    state.verified += 1;
    const damage = damageIn(row);
    if (damage) state.recorded.push(damage);
  } else {
    if (row.previousMac !== state.previousMac) return 'link';
    addUnavailable(state, row.sequence);
  }
  if (head && head.sequence > 0) compareWithHead(state, row, head);
  if (row.at < state.previousAt) {
    state.clockBack ??= { count: 0, first: row.sequence };
    state.clockBack.count += 1;
  }
  state.next += 1;
  state.previousMac = row.mac;
  state.previousAt = row.at;
  return null;
}

function compareWithHead(state: CheckState, { sequence, mac }: AuditRow, head: AuditHead): void {
  if (sequence === 1 && mac !== head.log) state.parted = { kind: 'replaced', sequence };
  if (sequence === head.sequence && mac !== head.mac) state.parted ??= { kind: 'rolled_back', sequence };
}

const reach = /records of this key reach to (\d+)$/;
const firstAmiss = /first amiss (\d+)\b/;

export function epochDetail(lastOwn: number): string {
  return `records of this key reach to ${lastOwn}`;
}

export function damageDetail(sequence: number, what: string): string {
  return `first amiss ${sequence}; ${what}`;
}

/** Only a record that begins an epoch may follow records of another key, and none of those may be where ours were. */
function isReturn(row: AuditRow, foreignSince: number): boolean {
  return row.action === 'audit_epoch_began' && Number(reach.exec(row.detail ?? '')?.[1] ?? Infinity) < foreignSince;
}

export function damageIn(row: AuditRow): RecordedDamage | null {
  if (row.action !== 'audit_damage_found') return null;
  const sequence = Number(firstAmiss.exec(row.detail ?? '')?.[1] ?? row.sequence);
  return { kind: row.outcome as AuditDamageKind, sequence, recordedBy: row.sequence };
}

function addUnavailable(state: CheckState, sequence: number): void {
  state.foreignSince ??= sequence;
  const last = state.unavailable.at(-1);
  if (last && last.to === sequence - 1) last.to = sequence;
  else state.unavailable.push({ from: sequence, to: sequence });
}
