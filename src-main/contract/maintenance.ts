/** Schemas of backups and of the removal of old sessions. */
import { z } from 'zod';
import { instant } from './domain.ts';

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

/** At least 30 days, because payments are investigated for weeks. */
export const retention = z.object({ olderThanDays: z.int().min(30).max(3_650) });
export const removalResult = z.object({
  removedCount: z.int(),
  /** Input of `sessions.undoRemoval`; null if nothing was removed. */
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
export const removalById = z.object({ removalId: z.uuid() });

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
