export { listBackups, pathOfBackup, Upkeep } from './upkeep.ts';
