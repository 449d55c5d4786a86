/** Long work on the file beside the database thread, on a connection that only reads: no writer waits for it. */
import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type Errand =
  /** Looks through the whole file; throws where it is damaged. */
  | { readonly errand: 'check'; readonly file: string }
  /** A copy of this moment, in one file; it appears under its name only once it is whole and on the disk. */
  | { readonly errand: 'backUp'; readonly file: string; readonly to: string };

export function runErrand(errand: Errand): void {
  const sqlite = new DatabaseSync(errand.file, { readOnly: true, timeout: 5_000 });
  try {
    if (errand.errand === 'check') checkIntegrity(sqlite);
    else copyWhole(sqlite, errand.to);
  } finally {
    sqlite.close();
  }
}

export function checkIntegrity(sqlite: DatabaseSync): void {
  const [answer] = sqlite.prepare('PRAGMA quick_check(1)').all();
  if (answer?.['quick_check'] !== 'ok') throw new Error(`malformed: ${String(answer?.['quick_check'])}`);
}

export function copyWhole(sqlite: DatabaseSync, to: string): void {
  const unfinished = `${to}.unfinished`;
  rmSync(unfinished, { force: true });
  sqlite.prepare('VACUUM INTO ?').run(unfinished);
  chmodSync(unfinished, 0o600);
  toDisk(unfinished);
  renameSync(unfinished, to);
  toDisk(dirname(to));
}

/** Windows cannot flush a folder, and need not. */
function toDisk(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}
