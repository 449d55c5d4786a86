/** The audit log seen from the screen: its filters, what a verification found, its export. */
import { z } from 'zod';
import { auditAction, auditRecord, instant } from './domain.ts';

/** Every part narrows; null leaves it open. */
export const auditFilter = z.object({
  /** From this instant on, and before that one. */
  from: instant.nullable().default(null),
  to: instant.nullable().default(null),
  operator: z.string().trim().max(200).nullable().default(null),
  action: auditAction.nullable().default(null),
  outcome: z.string().trim().max(80).nullable().default(null),
  connectionId: z.string().max(100).nullable().default(null),
  sessionKey: z.int().positive().nullable().default(null),
  sessionId: z.string().trim().max(200).nullable().default(null),
  batchId: z.string().max(100).nullable().default(null),
});
export type AuditFilter = z.infer<typeof auditFilter>;

/** How a record is linked to its neighbour. `none`: there is no record on that side, and none was missing when this was told. */
const chainLink = z.enum(['intact', 'broken', 'missing', 'none']);

/** A record with the chain around it: what it was sealed with, and what ties it to its neighbours. No key is in it. */
export const auditChain = z.object({
  record: auditRecord,
  mac: z.string(),
  /** The MAC of the record before, as this record was written; zeros in the first one. */
  previousMac: z.string(),
  /** Names the key without telling it. */
  keyId: z.string(),
  /** Whether the MAC is what the key makes of the record as it now stands. */
  macStatus: z.enum(['valid', 'invalid', 'key_not_available']),
  previous: z.object({ link: chainLink, mac: z.string().nullable() }),
  /** `previousMac`: what the record after it says that this one's MAC was. */
  next: z.object({ link: chainLink, previousMac: z.string().nullable() }),
});
export type AuditChain = z.infer<typeof auditChain>;

/**
 * How the log was damaged. `head_missing`: the keychain holds no head for it, so that a cut tail cannot be excluded.
 * `replaced`: another log, or a piece of one. `rolled_back`: an older copy of the whole file.
 */
export const auditDamageKind = z.enum([
  'altered',
  'missing',
  'reordered',
  'duplicated',
  'forged',
  'tail_cut',
  'rolled_back',
  'replaced',
  'head_missing',
]);
export type AuditDamageKind = z.infer<typeof auditDamageKind>;

export const auditDamage = z.object({
  kind: auditDamageKind,
  /** The first record that is not what it was. */
  sequence: z.number(),
  /** The record in which the console wrote this down when it first met it; null if this verification found it. */
  recordedInSequence: z.int().nullable(),
});
export type AuditDamage = z.infer<typeof auditDamage>;

/** `key_not_available`: nothing amiss was found, but some records cannot be vouched for. `intact`: every record can. */
export const verificationResult = z.object({
  result: z.enum(['intact', 'key_not_available', 'damaged', 'stopped']),
  /** Records looked at, and how many of them have a MAC that fits. */
  checked: z.int(),
  verified: z.int(),
  /** The first one is the first bad record. A check ends where the chain breaks. */
  damages: z.array(auditDamage),
  /** Records under a key that is not there any more, from and to. */
  missingKeyRanges: z.array(z.object({ from: z.int(), to: z.int() })),
  /** The last record that the head vouches for, and where the head is kept. */
  head: z.object({ sequence: z.int(), location: z.enum(['keychain', 'memory']) }),
  /** Records written after the head was last renewed; after a crash this is as it should be. */
  recordsAfterHead: z.int(),
  /** The run before ended in the middle of a write, which was undone: nothing that was promised is lost by it. */
  incompleteWrite: z.boolean(),
  /** How often a record is older than the one before, and the first such record: a clock that was set back. */
  clockRegressions: z.object({ count: z.int(), firstSequence: z.int() }).nullable(),
  durationMs: z.number(),
});
export type VerificationResult = z.infer<typeof verificationResult>;

export const auditExportFormat = z.enum(['jsonl', 'csv']);
export type AuditExportFormat = z.infer<typeof auditExportFormat>;

/** Where an export was written, in the workspace's own folder. */
export const auditExport = z.object({ file: z.string(), records: z.int() });
export type AuditExport = z.infer<typeof auditExport>;

export const auditInputs = {
  page: z.object({
    filter: auditFilter.optional(),
    before: z.int().positive().nullable().default(null),
    /** Matching records to pass over before the first, for a scroll bar thrown to the middle. */
    skip: z.int().nonnegative().optional(),
    limit: z.int().min(1).max(500).default(200),
  }),
  record: z.object({ sequence: z.int().positive() }),
};

/** Settled cancellations of one day (UTC), by outcome. */
export const dailyOutcomes = z.object({ day: z.iso.date(), outcomes: z.record(z.string(), z.int()) });
export type DailyOutcomes = z.infer<typeof dailyOutcomes>;
