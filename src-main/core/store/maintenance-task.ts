/** Long tasks on the database file. They run in a separate thread on a read-only connection and block no writer. */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseDamageError } from './sqlite-error.ts';

/** The copy of a backup before it replaces the database. */
export const restoringFileName = 'desk.restoring.sqlite';

export type MaintenanceTask =
  /** Checks the whole file; throws if it is damaged. */
  | { readonly task: 'check'; readonly file: string }
  /** Copies the database into one file, which gets its name only when it is complete and on the disk. */
  | { readonly task: 'backup'; readonly file: string; readonly targetFile: string };

export function runMaintenanceTask(task: MaintenanceTask): void {
  const sqlite = new DatabaseSync(task.file, { readOnly: true, timeout: 5_000 });
  try {
    if (task.task === 'check') checkIntegrity(sqlite);
    else copyDatabase(sqlite, task.targetFile);
  } finally {
    sqlite.close();
  }
}

/** Throws if the file is damaged. `full` also compares every index with its table, which takes longer. */
export function checkIntegrity(sqlite: DatabaseSync, extent: 'quick' | 'full' = 'quick'): void {
  const check = extent === 'full' ? 'integrity_check' : 'quick_check';
  const [row] = sqlite.prepare(`PRAGMA ${check}(1)`).all();
  if (row?.[check] !== 'ok') throw new DatabaseDamageError(String(row?.[check]));
}

/**
 * Moves the write-ahead log into the database file and empties it, so that it keeps no deleted content. Returns false,
 * without waiting, if another connection reads or writes; then a part of the log stays. Call it outside a transaction.
 */
export function truncateWriteAheadLog(sqlite: DatabaseSync): boolean {
  const timeoutMs = Number(sqlite.prepare('PRAGMA busy_timeout').get()?.['timeout']);
  sqlite.exec('PRAGMA busy_timeout = 0');
  try {
    return sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  } finally {
    sqlite.exec(`PRAGMA busy_timeout = ${timeoutMs}`);
  }
}

const unfinishedSuffix = '.unfinished';
const unfinishedCopy = /\.sqlite\.unfinished(?:-journal)?$/;

/** Deletes the incomplete copies that a killed process left. Only the owner of the workspace may call it. */
export function removeUnfinishedCopies(folder: string): void {
  for (const parent of [folder, join(folder, 'backups')].filter(existsSync)) {
    const names = readdirSync(parent).filter((name) => unfinishedCopy.test(name));
    for (const name of names) rmSync(join(parent, name), { force: true });
  }
  rmSync(join(folder, restoringFileName), { force: true });
}

export function copyDatabase(sqlite: DatabaseSync, targetFile: string): void {
  const temporaryFile = `${targetFile}${unfinishedSuffix}`;
  rmSync(temporaryFile, { force: true });
  sqlite.prepare('VACUUM INTO ?').run(temporaryFile);
  chmodSync(temporaryFile, 0o600);
  syncToDisk(temporaryFile);
  renameSync(temporaryFile, targetFile);
  syncToDisk(dirname(targetFile));
}

/** Errors are ignored on Windows, which cannot flush a folder and does not need to. */
function syncToDisk(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}
