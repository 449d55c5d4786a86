export { backupFolder, listBackups, pathOfBackup, Upkeep } from './upkeep.ts';
