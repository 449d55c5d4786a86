export { DiagnosticsService } from './diagnostics.ts';
export { RestoreReviews } from './restore-review.ts';
export { Removals } from './removals.ts';
export { listBackups, resolveBackupPath, Backups } from './backups.ts';
