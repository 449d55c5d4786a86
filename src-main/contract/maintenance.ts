/** Backups of the database, and the removal of what is old. */
import { z } from 'zod';
import { instant } from './domain.ts';

/** A file in the workspace's folder of backups. */
export const backup = z.object({ name: z.string(), bytes: z.int(), madeAt: instant });
export type Backup = z.infer<typeof backup>;
export const backupName = z.string().min(1).max(200);

/** Payments are looked into for weeks: younger sessions are never removed. */
export const retention = z.object({ olderThanDays: z.int().min(30).max(3_650) });
export const removed = z.object({
  removed: z.int(),
  /** What an undo names; null where nothing was removed. */
  removalId: z.uuid().nullable(),
});
export type Removed = z.infer<typeof removed>;

/** For so long a removal can be undone; then what was removed leaves the file too. */
export const undoHours = 24;

/** Sessions that were removed and can be brought back. */
export const removal = z.object({
  removalId: z.uuid(),
  at: instant,
  /** From then on they are gone for good. */
  until: instant,
  operator: z.string(),
  /** How many are kept: removed by now, and not brought back yet. */
  sessions: z.int(),
  /** What is being done with them now, and how far that is; null: nothing. */
  work: z.object({ kind: z.enum(['removing', 'restoring']), done: z.int(), total: z.int() }).nullable(),
});
export type Removal = z.infer<typeof removal>;
export const oneRemoval = z.object({ removalId: z.uuid() });

export const restored = z.object({
  /** Back as they were. */
  restored: z.int(),
  /** Tracked anew meanwhile: these stay as they are now, and have their earlier timeline again. */
  joined: z.int(),
  /** Their connection was removed meanwhile: they cannot come back. */
  lost: z.int(),
});
export type Restored = z.infer<typeof restored>;
