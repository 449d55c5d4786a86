/** Schemas of the audit log: filter, record with its chain, verification result, export. */
import { z } from 'zod';
import { instant, cause, environment, sessionStatus, tryParseJson, workspaceName } from './domain.ts';
import { batchOrigin, batchState, itemOutcome } from './batches.ts';
import { exportFormat } from './sessions.ts';
import { messageFields } from './messages/index.ts';

export const auditAction = z.enum([
  'workspace_opened',
  'connection_added',
  'connection_tested',
  'secret_replaced',
  'secret_withheld',
  'connection_removed',
  'event_secret_stored',
  'session_added',
  'session_noted',
  'session_checked',
  'event_applied',
  'event_refused',
  'cancel_declined',
  'cancel_intended',
  'cancel_sent',
  'cancel_settled',
  'import_begun',
  'import_ended',
  'feed_added',
  'feed_changed',
  'feed_removed',
  'feed_ran',
  'sessions_exported',
  'audit_epoch_began',
  'audit_damage_found',
  'audit_verified',
  'audit_exported',
  'database_backed_up',
  'backup_deleted',
  'database_restored',
  'restore_reviewed',
  'sessions_removed',
  'sessions_restored',
  'connection_locked',
  'connection_unlocked',
  'connection_changed',
  'secret_forgotten',
  'event_secret_forgotten',
  'pace_changed',
  'settings_changed',
  'diagnostics_written',
  'batch_planned',
  'batch_refreshed',
  'batch_discarded',
  'batch_confirmed',
  'batch_declined',
  'batch_called_off',
  'batch_started',
  'batch_paused',
  'batch_resumed',
  'batch_connection_paused',
  'batch_connection_resumed',
  'batch_stopped',
  'batch_interrupted',
  'batch_finished',
  'batch_exported',
]);
export type AuditAction = z.infer<typeof auditAction>;

const count = z.int().nonnegative();
const sequence = z.int();
/** A text, a number, a switch or a list; null is the default, or no value. */
const changedValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);
export type ChangedValue = z.infer<typeof changedValue>;

/**
 * The details of a record. `text`: what an earlier version wrote, or anything that its action does not have. The other
 * kinds are stored as JSON.
 */
export const auditDetail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('workspace'), workspace: workspaceName, version: z.string() }),
  z.object({ kind: z.literal('secret_location'), location: z.enum(['keychain', 'memory']) }),
  /** `storedFor` is null if the destination that the secret was stored for is not known. */
  z.object({
    kind: z.literal('secret_withheld'),
    feed: z.string().nullable(),
    storedFor: z.string().nullable(),
    destination: z.string(),
  }),
  z.object({
    kind: z.literal('changes'),
    changes: z.array(z.object({ field: z.string(), from: changedValue, to: changedValue })),
  }),
  z.object({ kind: z.literal('setting'), from: changedValue, to: changedValue }),
  z.object({ kind: z.literal('rate_limit'), perSecond: z.number(), maxInFlight: z.int() }),
  z.object({ kind: z.literal('sessions'), sessions: count }),
  /** An error code, or a code of the provider layer. */
  z.object({ kind: z.literal('code'), code: z.string() }),
  /** The number of the request of this cancellation. */
  z.object({ kind: z.literal('call'), call: z.int().positive() }),
  z.object({
    kind: z.literal('cancellation'),
    cause: cause.nullable(),
    confirmedBy: z.enum(['answer', 'read_back']).nullable(),
    foundStatus: sessionStatus.nullable(),
  }),
  z.object({ kind: z.literal('files'), files: z.array(z.string()) }),
  z.object({
    kind: z.literal('import'),
    file: z.string(),
    lines: count,
    added: count,
    updated: count,
    refused: count,
  }),
  z.object({ kind: z.literal('feed'), feed: z.string(), source: z.enum(['url', 'folder']) }),
  /** `intervalMinutes` is null if the feed is off. */
  z.object({ kind: z.literal('feed_schedule'), feed: z.string(), intervalMinutes: z.int().nullable() }),
  z.object({ kind: z.literal('feed_secret'), feed: z.string() }),
  z.object({ kind: z.literal('feed_run'), feed: z.string(), added: count, updated: count, refused: count }),
  /** `filter`: a filter as JSON; null for a selection. */
  z.object({
    kind: z.literal('export'),
    sessions: count,
    format: exportFormat,
    unmaskedIds: z.boolean(),
    filter: z.string().nullable(),
  }),
  /** `sessions` is null if Session Desk ended before the file was complete. */
  z.object({ kind: z.literal('export_end'), sessions: count.nullable() }),
  z.object({ kind: z.literal('audit_export'), records: count, format: exportFormat }),
  /** The last record of this key before the records of other keys. */
  z.object({ kind: z.literal('epoch'), lastOwnSequence: sequence }),
  /** `sequence`: the first damaged record. `headSequence`: the record that the head names; null without a head. */
  z.object({
    kind: z.literal('damage'),
    sequence,
    headSequence: sequence.nullable(),
    lastSequence: sequence,
    hasIncompleteWrite: z.boolean(),
  }),
  z.object({
    kind: z.literal('verification'),
    checked: count,
    firstDamage: z.object({ kind: z.string(), sequence: z.number() }).nullable(),
  }),
  z.object({ kind: z.literal('restore'), backupName: z.string(), mergedRecords: count }),
  z.object({ kind: z.literal('restore_review'), restoredSequence: sequence }),
  z.object({ kind: z.literal('removal'), sessions: count, before: z.string() }),
  z.object({
    kind: z.literal('removal_undo'),
    restored: count,
    merged: count,
    unrestorable: count,
    removedAt: z.string(),
  }),
  /** `origin` is null if the plan was not created by this action. */
  z.object({
    kind: z.literal('plan'),
    sessions: count,
    eligible: count,
    digest: z.string().nullable(),
    origin: batchOrigin.nullable(),
  }),
  z.object({ kind: z.literal('batch_state'), state: batchState }),
  z.object({ kind: z.literal('issue'), ...messageFields }),
  z.object({ kind: z.literal('outcomes'), counts: z.partialRecord(itemOutcome, count) }),
]);
export type AuditDetail = z.infer<typeof auditDetail>;

/** The kinds of details that a record can have; a record of any other action has none. */
const auditDetailKinds = {
  workspace_opened: ['workspace'],
  connection_added: ['secret_location'],
  connection_changed: ['changes'],
  secret_replaced: ['secret_location'],
  secret_withheld: ['secret_withheld'],
  event_secret_stored: ['secret_location'],
  pace_changed: ['rate_limit'],
  settings_changed: ['setting'],
  session_added: ['sessions'],
  event_refused: ['code'],
  cancel_declined: ['code'],
  cancel_sent: ['call'],
  cancel_settled: ['cancellation'],
  import_begun: ['files'],
  import_ended: ['import'],
  feed_added: ['feed'],
  feed_changed: ['feed_schedule', 'feed_secret'],
  feed_removed: ['feed'],
  feed_ran: ['feed_run'],
  sessions_exported: ['export', 'export_end'],
  audit_epoch_began: ['epoch'],
  audit_damage_found: ['damage'],
  audit_verified: ['verification'],
  audit_exported: ['audit_export'],
  database_backed_up: ['files'],
  backup_deleted: ['files'],
  database_restored: ['restore'],
  restore_reviewed: ['restore_review'],
  sessions_removed: ['removal'],
  sessions_restored: ['removal_undo'],
  diagnostics_written: ['files'],
  batch_planned: ['plan'],
  batch_refreshed: ['plan'],
  batch_confirmed: ['plan'],
  batch_discarded: ['code'],
  batch_declined: ['code'],
  batch_paused: ['issue'],
  batch_connection_paused: ['issue'],
  batch_interrupted: ['batch_state'],
  batch_stopped: ['outcomes'],
  batch_finished: ['outcomes'],
  batch_exported: ['export', 'export_end'],
} as const satisfies Partial<Record<AuditAction, readonly AuditDetail['kind'][]>>;
type DetailedAction = keyof typeof auditDetailKinds;

export type AuditDetailOf<Action extends AuditAction> = Extract<
  AuditDetail,
  { kind: 'text' | (Action extends DetailedAction ? (typeof auditDetailKinds)[Action][number] : never) }
>;

/** The stored form of a detail. */
export function serializeAuditDetail(detail: AuditDetail): string {
  return detail.kind === 'text' ? detail.text : JSON.stringify(detail);
}

/** Parses the stored detail of a record; returns `text` if it is not a detail of this action. */
export function parseAuditDetail(action: AuditAction, stored: string): AuditDetail {
  const kinds: readonly string[] = action in auditDetailKinds ? auditDetailKinds[action as DetailedAction] : [];
  const { data } = stored.startsWith('{') ? auditDetail.safeParse(tryParseJson(stored)) : {};
  return data && kinds.includes(data.kind) ? data : { kind: 'text', text: stored };
}

export const auditRecord = z.object({
  sequence: z.int().positive(),
  at: instant,
  operator: z.string(),
  host: z.string(),
  action: auditAction,
  connectionId: z.string().nullable(),
  connectionName: z.string().nullable(),
  environment: environment.nullable(),
  sessionKey: z.int().nullable(),
  sessionId: z.string().nullable(),
  cancellationId: z.string().nullable(),
  reasonCategory: z.string().nullable(),
  reasonNote: z.string().nullable(),
  outcome: z.string().nullable(),
  detail: auditDetail.nullable(),
  providerCode: z.string().nullable(),
  requestId: z.string().nullable(),
  durationMs: z.number().nullable(),
  batchId: z.string().nullable(),
});
export type AuditRecord = z.infer<typeof auditRecord>;

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
  list: z.object({
    filter: auditFilter.optional(),
    before: z.int().positive().nullable().default(null),
    /** Matching records to skip before the first row, so that the scroll bar can jump. */
    skip: z.int().nonnegative().optional(),
    limit: z.int().min(1).max(500).default(200),
  }),
  get: z.object({ sequence: z.int().positive() }),
};

/** Number of completed cancellations of one day (UTC), by outcome. */
export const dailyOutcomes = z.object({ day: z.iso.date(), outcomes: z.record(z.string(), z.int()) });
export type DailyOutcomes = z.infer<typeof dailyOutcomes>;
