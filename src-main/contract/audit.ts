/** Schemas of the audit log: filter, record with its chain, verification result, export. */
import { z } from 'zod';
import { auditAction, auditRecord } from './audit-records.ts';
import { instant } from './domain.ts';

/** All conditions must match; null is no condition. */
export const auditFilter = z.object({
  /** `from` is inclusive, `to` is exclusive. */
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

/** How a record is linked to its neighbour. `none`: there is no record on that side, and none is missing. */
const chainLink = z.enum(['intact', 'broken', 'missing', 'none']);

/** A record with its MAC and its links to the neighbouring records. Contains no key. */
export const auditChain = z.object({
  record: auditRecord,
  mac: z.string(),
  /** The MAC of the previous record, as this record stores it; 64 zeros in the first record. */
  previousMac: z.string(),
  /** Identifies the key without revealing it. */
  keyId: z.string(),
  /** Whether the MAC matches the record as it is stored now. */
  macStatus: z.enum(['valid', 'invalid', 'key_not_available']),
  previous: z.object({ link: chainLink, mac: z.string().nullable() }),
  /** `previousMac`: the MAC of this record, as the next record stores it. */
  next: z.object({ link: chainLink, previousMac: z.string().nullable() }),
});
export type AuditChain = z.infer<typeof auditChain>;

/**
 * How the log was damaged. `head_missing`: the keychain holds no head, so records may be missing at the end.
 * `replaced`: the log, or a part of it, belongs to a different log. `rolled_back`: the file is an older copy.
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
  /** The first damaged record. */
  sequence: z.number(),
  /** The record in which an earlier verification reported this damage; null if this verification found it. */
  recordedInSequence: z.int().nullable(),
});
export type AuditDamage = z.infer<typeof auditDamage>;

/** `intact`: every record is verified. `key_not_available`: no damage found, but the key of some records is missing. */
export const verificationResult = z.object({
  result: z.enum(['intact', 'key_not_available', 'damaged', 'stopped']),
  /** Records that were read, and how many of them have a valid MAC. */
  checked: z.int(),
  verified: z.int(),
  /** In order of sequence. Verification ends at the record where the chain breaks. */
  damages: z.array(auditDamage),
  /** Ranges of records whose key no longer exists; both ends are inclusive. */
  missingKeyRanges: z.array(z.object({ from: z.int(), to: z.int() })),
  /** The last record that the head covers, and where the head is stored. */
  head: z.object({ sequence: z.int(), location: z.enum(['keychain', 'memory']) }),
  /** Records written after the head was last stored. More than 0 is normal after a crash. */
  recordsAfterHead: z.int(),
  /** The previous process ended during a write. SQLite rolled it back; no acknowledged record is lost. */
  incompleteWrite: z.boolean(),
  /** Records that are older than the previous record (the clock was set back): how many, and the first one. */
  clockRegressions: z.object({ count: z.int(), firstSequence: z.int() }).nullable(),
  durationMs: z.number(),
});
export type VerificationResult = z.infer<typeof verificationResult>;

/** The path of an export in the workspace folder, and its number of records. */
export const auditExport = z.object({ file: z.string(), records: z.int() });
export type AuditExport = z.infer<typeof auditExport>;

export const auditInputs = {
  page: z.object({
    filter: auditFilter.optional(),
    before: z.int().positive().nullable().default(null),
    /** Matching records to skip before the first row, so that the scroll bar can jump. */
    skip: z.int().nonnegative().optional(),
    limit: z.int().min(1).max(500).default(200),
  }),
  record: z.object({ sequence: z.int().positive() }),
};

/** Number of completed cancellations of one day (UTC), by outcome. */
export const dailyOutcomes = z.object({ day: z.iso.date(), outcomes: z.record(z.string(), z.int()) });
export type DailyOutcomes = z.infer<typeof dailyOutcomes>;
