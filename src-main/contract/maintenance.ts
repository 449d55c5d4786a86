/** Backups of the database, and the removal of what is old. */
import { z } from 'zod';
import { instant } from './domain.ts';

/** A file in the workspace's folder of backups. */
export const backup = z.object({ name: z.string(), bytes: z.int(), createdAt: instant });
export type Backup = z.infer<typeof backup>;
export const backupName = z.string().min(1).max(200);

/** Payments are looked into for weeks: younger sessions are never removed. */
export const retention = z.object({ olderThanDays: z.int().min(30).max(3_650) });
export const removalResult = z.object({
  removedCount: z.int(),
  /** What an undo names; null where nothing was removed. */
  removalId: z.uuid().nullable(),
});
export type RemovalResult = z.infer<typeof removalResult>;

/** For so long a removal can be undone; then what was removed leaves the file too. */
export const undoWindowHours = 24;

/** Sessions that were removed and can be brought back. */
export const removal = z.object({
  removalId: z.uuid(),
  removedAt: instant,
  /** From then on they are gone for good. */
  purgesAt: instant,
  operator: z.string(),
  /** How many are kept: removed by now, and not brought back yet. */
  retainedSessions: z.int(),
  /** What is being done with them now, and how far that is; null: nothing. */
  progress: z.object({ kind: z.enum(['removing', 'restoring']), done: z.int(), total: z.int() }).nullable(),
});
export type Removal = z.infer<typeof removal>;
export const removalById = z.object({ removalId: z.uuid() });

export const restoreResult = z.object({
  /** Back as they were. */
  restoredCount: z.int(),
  /** Tracked anew meanwhile: these stay as they are now, and have their earlier timeline again. */
  mergedCount: z.int(),
  /** Their connection was removed meanwhile: they cannot come back. */
  unrestorableCount: z.int(),
});
export type RestoreResult = z.infer<typeof restoreResult>;
