export { Diagnostics } from './diagnostics.ts';
export { Removals } from './removals.ts';
export { listBackups, pathOfBackup, Upkeep } from './backups.ts';
