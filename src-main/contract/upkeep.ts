/** Backups of the database, and the removal of what is old. */
import { z } from 'zod';
import { instant } from './words.ts';

/** A file in the workspace's folder of backups. */
export const backup = z.object({ name: z.string(), bytes: z.int(), madeAt: instant });
export type Backup = z.infer<typeof backup>;
export const backupName = z.string().min(1).max(200);

/** Payments are looked into for weeks: younger sessions are never removed. */
export const retention = z.object({ olderThanDays: z.int().min(30).max(3_650) });
export const removed = z.object({ removed: z.int() });
export type Removed = z.infer<typeof removed>;
