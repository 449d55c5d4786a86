/** What kind of damage broke the chain at a record: told from where its parts are found elsewhere in the log. */
import type { AuditDamageKind } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';
import type { AuditKey, ChainFault } from './verifier.ts';
import { genesisMac, computeMac, type AuditHead } from './record-mac.ts';

/** How far records may have been renumbered before a removal is called an alteration. */
const maxRenumberDistance = 256;

export interface DamageContext {
  /** The last good record; its MAC is `genesisMac` and its sequence 0 at the very beginning. */
  readonly before: { readonly sequence: number; readonly mac: string };
  /** The record the check stopped at, and the one behind it. */
  readonly row: AuditRow;
  readonly after: AuditRow | undefined;
  readonly head: AuditHead | null;
  /** Every row of the log that has one of `tracesOf`, whatever its sequence. */
  readonly traces: readonly AuditRow[];
  /** What the console wrote down when it first met this damage. */
  readonly recordedKind: AuditDamageKind | undefined;
}

/** What to look for in the whole log before `kindOf` can tell: MACs of records, and the MAC a successor would name. */
export function getTraceMacs({ before, row }: Pick<DamageContext, 'before' | 'row'>) {
  return { macs: [row.mac, row.previousMac], previousMac: before.mac };
}

export function classifyDamage(fault: ChainFault, around: DamageContext, audit: AuditKey): AuditDamageKind {
  const { before, row } = around;
  const expected = before.sequence + 1;
  const fits = (candidate: AuditRow, sequence: number) =>
    candidate.keyId === audit.keyId && computeMac({ ...candidate, sequence }, audit.key) === candidate.mac;
  const movedAway = around.traces.some(
    (one) => one.previousMac === before.mac && one.sequence !== expected && fits(one, expected),
  );
  if (fault === 'gap' && row.sequence < expected) return 'forged';
  if (fault === 'gap') return movedAway ? 'reordered' : 'missing';
  if (fault === 'other_key') return around.recordedKind ?? 'altered';
  // Genuine in itself, but behind another record than this one: a piece of another course of this log.
  if (fault === 'link' && row.keyId === audit.keyId) return around.recordedKind ?? 'replaced';

  const origin = findOriginalSequence(row, expected, around, fits);
  if (origin !== null && origin < expected) {
    const inPlace = around.traces.some(({ mac, sequence }) => mac === row.mac && sequence === origin);
    return inPlace ? 'duplicated' : 'reordered';
  }
  if (origin !== null) return movedAway ? 'reordered' : 'missing';
  return around.recordedKind ?? classifyUnknownRecord(around, expected);
}

/** The sequence this record's MAC was made for, where it is another than the one it has. */
function findOriginalSequence(
  row: AuditRow,
  expected: number,
  { traces }: DamageContext,
  fits: (row: AuditRow, sequence: number) => boolean,
): number | null {
  const before = traces.find(({ mac }) => mac === row.previousMac);
  const predecessor = row.previousMac === genesisMac ? 0 : before?.sequence;
  if (predecessor !== undefined && predecessor + 1 !== expected && fits(row, predecessor + 1)) return predecessor + 1;
  for (let distance = 1; distance <= maxRenumberDistance; distance += 1) {
    for (const sequence of [expected + distance, expected - distance]) {
      if (sequence > 0 && fits(row, sequence)) return sequence;
    }
  }
  return null;
}

/** A record whose MAC fits nowhere: one of ours that was changed, or one that never was. */
function classifyUnknownRecord({ before, after, head }: DamageContext, expected: number): AuditDamageKind {
  if (after) return after.previousMac === before.mac ? 'forged' : 'altered';
  return head !== null && head.sequence < expected ? 'forged' : 'altered';
}
