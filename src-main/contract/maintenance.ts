/** Schemas of backups and of the removal of old sessions. */
import { z } from 'zod';
import { environment, instant } from './domain.ts';

/**
 * A copy of the database in the folder of the workspace. `backup`: in the folder `backups`. `replaced`: the database
 * that a restore replaced. `before_migration`: made before a new version changed the format.
 */
export const backup = z.object({
  name: z.string(),
  kind: z.enum(['backup', 'replaced', 'before_migration']),
  bytes: z.int(),
  createdAt: instant,
});
export type Backup = z.infer<typeof backup>;
export const backupName = z.string().min(1).max(200);

/**
 * A connection or a feed of a restored database. `destination`: origin or folder. `storedFor`: the destination that the
 * keychain stores with the secret. `matches`: the secret was stored for this destination. `differs`: for another one,
 * or by a version that stored none; the secret must be entered again. `missing`: the keychain holds no secret.
 * `unreadable`: the keychain is locked or not available. `no_secret`: none is needed.
 */
export const reviewedDestination = z.object({
  kind: z.enum(['connection', 'feed']),
  id: z.string(),
  name: z.string(),
  environment,
  destination: z.string(),
  check: z.enum(['matches', 'differs', 'missing', 'unreadable', 'no_secret']),
  storedFor: z.string().nullable(),
  /** A connection that sends no cancel requests, or a feed that is switched off. */
  isOff: z.boolean(),
});
export type ReviewedDestination = z.infer<typeof reviewedDestination>;

export const restoreReview = z.object({
  /** The audit record of the restore. */
  restoredSequence: z.int().positive(),
  restoredAt: instant,
  /** null if the file was not restored by Session Desk: it is not the one that Session Desk wrote last. */
  backupName: z.string().nullable(),
  destinations: z.array(reviewedDestination),
  /** Cancellations whose status is checked at the provider after the review. */
  unresolvedCancellations: z.int(),
});
export type RestoreReview = z.infer<typeof restoreReview>;

/** At least 30 days, because payments are investigated for weeks. */
export const retention = z.object({ olderThanDays: z.int().min(30).max(3_650) });
export const removalResult = z.object({
  removedCount: z.int(),
  /** Input of `removals.undo`; null if nothing was removed. */
  removalId: z.uuid().nullable(),
});
export type RemovalResult = z.infer<typeof removalResult>;

/** How long a removal can be undone. Afterwards the sessions are deleted permanently. */
export const undoWindowHours = 24;

/** A removal that can be undone. */
export const removal = z.object({
  removalId: z.uuid(),
  removedAt: instant,
  /** When the sessions are deleted permanently. */
  purgesAt: instant,
  operator: z.string(),
  /** Sessions that are removed and not restored yet. */
  retainedSessions: z.int(),
  /** The operation in progress; null if there is none. */
  progress: z.object({ kind: z.enum(['removing', 'restoring']), done: z.int(), total: z.int() }).nullable(),
});
export type Removal = z.infer<typeof removal>;

export const restoreResult = z.object({
  /** Sessions that were restored unchanged. */
  restoredCount: z.int(),
  /**
   * Sessions that were tracked again before the undo: they keep their current state and get their old timeline back.
   */
  mergedCount: z.int(),
  /** Sessions that cannot be restored, because their connection was removed. */
  unrestorableCount: z.int(),
});
export type RestoreResult = z.infer<typeof restoreResult>;
