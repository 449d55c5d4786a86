/** Long work on the file beside the database thread, on a connection that only reads: no writer waits for it. */
import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type MaintenanceTask =
  /** Looks through the whole file; throws where it is damaged. */
  | { readonly task: 'check'; readonly file: string }
  /** A copy of this moment, in one file; it appears under its name only once it is whole and on the disk. */
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

export function checkIntegrity(sqlite: DatabaseSync): void {
  const [answer] = sqlite.prepare('PRAGMA quick_check(1)').all();
  if (answer?.['quick_check'] !== 'ok') throw new Error(`malformed: ${String(answer?.['quick_check'])}`);
}

export function copyDatabase(sqlite: DatabaseSync, to: string): void {
  const unfinished = `${to}.unfinished`;
  rmSync(unfinished, { force: true });
  sqlite.prepare('VACUUM INTO ?').run(unfinished);
  chmodSync(unfinished, 0o600);
  syncToDisk(unfinished);
  renameSync(unfinished, to);
  syncToDisk(dirname(to));
}

/** Windows cannot flush a folder, and need not. */
function syncToDisk(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}
