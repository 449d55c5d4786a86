export { DiagnosticsService } from './diagnostics.ts';
export { Removals } from './removals.ts';
export { listBackups, resolveBackupPath, Backups } from './backups.ts';
