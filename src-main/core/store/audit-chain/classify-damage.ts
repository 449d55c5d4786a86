/** Classifies damage at a record by where its MACs occur elsewhere in the log. */
import type { AuditDamageKind } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import type { AuditKey, ChainFault } from './verifier.ts';
import { genesisMac, computeMac, type AuditHead } from './record-mac.ts';

/** Maximum distance by which renumbered records are recognized; beyond it a removal is classified as an alteration. */
const maxRenumberDistance = 256;

export interface DamageContext {
  /** The last valid record; MAC `genesisMac` and sequence 0 if there is none. */
  readonly before: { readonly sequence: number; readonly mac: string };
  /** The record at which the verification stopped. */
  readonly row: AuditRow;
  /** The record after it. */
  readonly after: AuditRow | undefined;
  readonly head: AuditHead | null;
  /** Every row of the log that contains one of the MACs from `getTraceMacs`. */
  readonly traces: readonly AuditRow[];
  /** The kind that was recorded when this damage was first found. */
  readonly recordedKind: AuditDamageKind | undefined;
}

/**
 * Returns the MACs to search the log for before `classifyDamage`: MACs of records, and a MAC that a successor contains.
 */
export function getTraceMacs({ before, row }: Pick<DamageContext, 'before' | 'row'>) {
  return { macs: [row.mac, row.previousMac], previousMac: before.mac };
}

export function classifyDamage(fault: ChainFault, context: DamageContext, audit: AuditKey): AuditDamageKind {
  const { before, row } = context;
  const expected = before.sequence + 1;
  const matchesMacAt = (candidate: AuditRow, sequence: number) =>
    candidate.keyId === audit.keyId && computeMac({ ...candidate, sequence }, audit.key) === candidate.mac;
  const hasMoved = context.traces.some(
    (trace) => trace.previousMac === before.mac && trace.sequence !== expected && matchesMacAt(trace, expected),
  );
  if (fault === 'gap' && row.sequence < expected) return 'forged';
  if (fault === 'gap') return hasMoved ? 'reordered' : 'missing';
  if (fault === 'other_key') return context.recordedKind ?? 'altered';
  // The MAC is valid, but the record followed another predecessor: it comes from another branch of this log.
  if (fault === 'link' && row.keyId === audit.keyId) return context.recordedKind ?? 'replaced';

  const originalSequence = findOriginalSequence(row, expected, context, matchesMacAt);
  if (originalSequence !== null && originalSequence < expected) {
    const isStillInPlace = context.traces.some(({ mac, sequence }) => mac === row.mac && sequence === originalSequence);
    return isStillInPlace ? 'duplicated' : 'reordered';
  }
  if (originalSequence !== null) return hasMoved ? 'reordered' : 'missing';
  return context.recordedKind ?? classifyUnknownRecord(context, expected);
}

/** Returns the sequence that the MAC of the record was computed for, if it differs from the expected one. */
function findOriginalSequence(
  row: AuditRow,
  expected: number,
  { traces }: DamageContext,
  matchesMacAt: (row: AuditRow, sequence: number) => boolean,
): number | null {
  const predecessorRow = traces.find(({ mac }) => mac === row.previousMac);
  const predecessorSequence = row.previousMac === genesisMac ? 0 : predecessorRow?.sequence;
  const candidate = predecessorSequence === undefined ? expected : predecessorSequence + 1;
  if (candidate !== expected && matchesMacAt(row, candidate)) return candidate;
  for (let distance = 1; distance <= maxRenumberDistance; distance += 1) {
    for (const sequence of [expected + distance, expected - distance]) {
      if (sequence > 0 && matchesMacAt(row, sequence)) return sequence;
    }
  }
  return null;
}

/** Classifies a record whose MAC matches no sequence: a genuine record was altered, or a record was forged. */
function classifyUnknownRecord({ before, after, head }: DamageContext, expected: number): AuditDamageKind {
  if (after) return after.previousMac === before.mac ? 'forged' : 'altered';
  return head !== null && head.sequence < expected ? 'forged' : 'altered';
}
