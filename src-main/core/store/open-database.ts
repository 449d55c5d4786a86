import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../contract/index.ts';
import { checkIntegrity, copyDatabase } from './maintenance-task.ts';
import { migrations } from './migrations/index.ts';
import { mergeNewerAuditRecords, replaceDatabase } from './restore-backup.ts';
import { toAppError } from './sqlite-error.ts';

export interface OpenDatabase {
  readonly sqlite: DatabaseSync;
  /** The run before ended in the middle of a write; SQLite has undone it. */
  readonly incompleteWrite: boolean;
  /** The file is so big that it was not looked through; see `maintenance-task.ts`. */
  readonly isIntegrityCheckDeferred: boolean;
  readonly restored: { readonly backupName: string; readonly mergedRecords: number } | null;
  close(): void;
}

/** Up to here a check of the whole file is not felt at the start; half a gigabyte takes two seconds. */
const maxStartupCheckBytes = 64 * 2 ** 20;
/** Of SQLite's write-ahead log: its page size is at byte 8. */
const walHeaderBytes = 32;
const walFrameHeaderBytes = 24;

/**
 * Opens the workspace's database as its only owner, made and migrated where needed.
 * Throws a AppError: already_running, folder_not_writable, disk_full, database_damaged, database_version_unsupported.
 * Nothing is ever deleted. `restoreFrom`: a backup to put in its place first; throws backup_invalid.
 */
export function openDatabase(folder: string, restoreFrom: string | null): OpenDatabase {
  const opened: DatabaseSync[] = [];
  const close = () => {
    for (const database of opened.splice(0).reverse()) database.close();
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    opened.push(acquireOwnerLock(folder));
    const file = join(folder, 'desk.sqlite');
    const replaced = restoreFrom === null ? null : replaceDatabase(folder, restoreFrom);
    const incompleteWrite = hasPartialWalFrame(`${file}-wal`);
    const sqlite = openPrivateDatabase(file);
    opened.push(sqlite);
    sqlite.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF',
    );
    const isIntegrityCheckDeferred = statSync(file).size > maxStartupCheckBytes;
    if (!isIntegrityCheckDeferred) checkIntegrity(sqlite);
    migrate(sqlite, folder);
    const mergedRecords = replaced === null ? 0 : mergeNewerAuditRecords(sqlite, replaced);
    const restored = restoreFrom === null ? null : { backupName: basename(restoreFrom), mergedRecords };
    return { sqlite, incompleteWrite, isIntegrityCheckDeferred, restored, close };
  } catch (error) {
    close();
    throw toAppError(error, folder);
  }
}

/** One process owns a workspace: an exclusive lock on a file beside the database, which the system frees even after a kill. */
function acquireOwnerLock(folder: string): DatabaseSync {
  const lock = openPrivateDatabase(join(folder, 'owner.lock'), 0);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && /locked|busy/i.test(error.message))) throw error;
    throw new AppError(
      'already_running',
      'Session Desk is already open on this data folder. Use the window that is open, or close it and try again.',
      { retryable: true, details: { folder } },
    );
  }
}

/**
 * 0600 from the first byte, and never through a link that somebody else has put there. A file that exists is not opened
 * by us: closing it again would drop the locks SQLite holds on it in this process.
 */
function openPrivateDatabase(path: string, timeout = 5_000): DatabaseSync {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new Error(`ELOOP: ${path} is not a plain file`);
  if (!found) closeSync(openSync(path, 'wx', 0o600));
  return new DatabaseSync(path, { timeout });
}

/** Whether the write-ahead log that a killed run left behind ends in a part of a frame: it was cut off in a write. */
function hasPartialWalFrame(log: string): boolean {
  const size = lstatSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return false;
  const header = Buffer.alloc(walHeaderBytes);
  const descriptor = openSync(log, 'r');
  readSync(descriptor, header);
  closeSync(descriptor);
  const frameBytes = walFrameHeaderBytes + header.readUInt32BE(8);
  return (size - walHeaderBytes) % frameBytes !== 0;
}

function migrate(sqlite: DatabaseSync, folder: string): void {
  const version = Number(sqlite.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) {
    throw new AppError(
      'database_version_unsupported',
      `The database in ${folder} was written by a newer Session Desk (format ${version}; this one knows ${migrations.length}). ` +
        'It was not changed. Install the newer version to go on.',
      { details: { folder, found: version, known: migrations.length } },
    );
  }
  if (version === migrations.length) return;
  if (version > 0) backUpBeforeMigration(sqlite, join(folder, `desk.before-${migrations.length}.sqlite`));
  sqlite.exec('BEGIN IMMEDIATE');
  try {
    for (const statements of migrations.slice(version)) sqlite.exec(statements);
    sqlite.exec(`PRAGMA user_version = ${migrations.length}`);
    sqlite.exec('COMMIT');
  } catch (error) {
    rollBack(sqlite);
    throw error;
  }
}

/** A full disk has ended the transaction by itself already; that is not what went wrong. */
function rollBack(sqlite: DatabaseSync): void {
  try {
    sqlite.exec('ROLLBACK');
  } catch {
    // Nothing is left to undo.
  }
}

/** A copy from before a migration, kept until somebody removes it; one that exists is from a failed try and as good. */
function backUpBeforeMigration(sqlite: DatabaseSync, path: string): void {
  if (!existsSync(path)) copyDatabase(sqlite, path);
}
