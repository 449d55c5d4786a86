export { Diagnostics } from './diagnostics.ts';
export { listBackups, pathOfBackup, Upkeep } from './upkeep.ts';
