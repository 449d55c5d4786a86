import { closeSync, existsSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, createMessage } from '../../contract/index.ts';
import { assertExpectedSchema } from './expected-schema.ts';
import { ensurePrivateFolder, isOwnedByOtherUser } from '../private-folder.ts';
import { openRegularFileSync } from '../regular-file.ts';
import { checkIntegrity, copyDatabase, removeUnfinishedCopies } from './maintenance-task.ts';
import { migrations } from './migrations/index.ts';
import { mergeNewerAuditRecords, replaceDatabase } from './restore-backup.ts';
import { createStorageError, isLockedError, toAppError } from './sqlite-error.ts';

export interface OpenDatabase {
  readonly sqlite: DatabaseSync;
  /** The previous run ended during a write, which SQLite rolled back. */
  readonly incompleteWrite: boolean;
  /** The file is too large to be checked at the start; see `maintenance-task.ts`. */
  readonly isIntegrityCheckDeferred: boolean;
  readonly restored: { readonly backupName: string; readonly mergedRecords: number } | null;
  close(): void;
}

/** A file up to this size is checked at the start without a noticeable delay; 500 MB take two seconds. */
const maxStartupCheckBytes = 64 * 2 ** 20;
/** Header of SQLite's write-ahead log; the page size is at byte 8. */
const walHeaderBytes = 32;
const walFrameHeaderBytes = 24;
/** Files of earlier formats may contain deleted content in free pages. */
const firstSecureFormat = 9;
/** SQLite 3.50. Node 24 has 3.50 or later. */
const firstSecureSearchMinor = 50;

/**
 * Opens the workspace's database as its only owner; creates and migrates it if necessary. Deletes no data.
 * `restoreFrom`: path of a backup that replaces the database before it is opened.
 * Throws already_running, folder_not_writable, disk_full, database_damaged, database_schema_unexpected or
 * database_version_unsupported, and backup_invalid if the backup cannot be restored.
 */
export function openDatabase(folder: string, restoreFrom: string | null): OpenDatabase {
  const opened: DatabaseSync[] = [];
  const close = () => {
    for (const database of opened.splice(0).reverse()) database.close();
  };
  try {
    ensurePrivateFolder(folder);
    opened.push(acquireOwnerLock(folder));
    removeUnfinishedCopies(folder);
    const file = join(folder, 'desk.sqlite');
    const replacedFile = restoreFrom === null ? null : replaceDatabase(folder, restoreFrom);
    const incompleteWrite = hasPartialWalFrame(`${file}-wal`);
    const sqlite = openPrivateDatabase(file);
    opened.push(sqlite);
    sqlite.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF',
    );
    // Deleted content is overwritten in the file.
    sqlite.exec('PRAGMA secure_delete = ON');
    const isIntegrityCheckDeferred = statSync(file).size > maxStartupCheckBytes;
    if (!isIntegrityCheckDeferred) checkIntegrity(sqlite);
    migrate(sqlite, folder);
    secureSearchDeletion(sqlite);
    const mergedRecords = replacedFile === null ? 0 : mergeNewerAuditRecords(sqlite, replacedFile);
    const restored = restoreFrom === null ? null : { backupName: basename(restoreFrom), mergedRecords };
    return { sqlite, incompleteWrite, isIntegrityCheckDeferred, restored, close };
  } catch (error) {
    close();
    throw toAppError(error, folder);
  }
}

/**
 * One process owns a workspace. It holds an exclusive lock on a file in the same folder; the operating system releases
 * the lock even if the process is killed.
 */
function acquireOwnerLock(folder: string): DatabaseSync {
  const lock = openPrivateDatabase(join(folder, 'owner.lock'), 0);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!isLockedError(error)) throw error;
    throw new AppError('already_running', createMessage('maintenance.alreadyRunning'), {
      retryable: true,
      details: { folder },
    });
  }
}

/**
 * Creates the file with mode 0600 and refuses a symbolic link. Only SQLite opens an existing file: if this process
 * opened and closed it, the locks that SQLite holds on it in this process would be released.
 */
function openPrivateDatabase(path: string, timeout = 5_000): DatabaseSync {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && (!stats.isFile() || isOwnedByOtherUser(stats)))
    throw createStorageError('folder_not_writable', dirname(path));
  if (!stats) closeSync(openSync(path, 'wx', 0o600));
  // Defensive mode: no statement can write to the schema table, the shadow tables of the search or the file itself.
  return new DatabaseSync(path, { timeout, defensive: true });
}

/** Returns whether the write-ahead log ends with a partial frame: the previous run was killed during a write. */
function hasPartialWalFrame(walFile: string): boolean {
  const size = lstatSync(walFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return false;
  const header = Buffer.alloc(walHeaderBytes);
  const descriptor = openRegularFileSync(walFile);
  if (descriptor === null) throw createStorageError('folder_not_writable', dirname(walFile));
  readSync(descriptor, header);
  closeSync(descriptor);
  const frameBytes = walFrameHeaderBytes + header.readUInt32BE(8);
  return (size - walHeaderBytes) % frameBytes !== 0;
}

function migrate(sqlite: DatabaseSync, folder: string): void {
  const version = Number(sqlite.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) {
    const details = { folder, found: version, supported: migrations.length };
    const message = createMessage('maintenance.databaseVersionUnsupported', details);
    throw new AppError('database_version_unsupported', message, { details });
  }
  assertExpectedSchema(sqlite, version, folder);
  if (version === migrations.length) return;
  const backup = join(folder, `desk.before-${migrations.length}.sqlite`);
  // An existing copy comes from a failed attempt and is equal, so it stays.
  if (version > 0 && !existsSync(backup)) copyDatabase(sqlite, backup);
  // Before the format changes: if the process ends here, the next start does it again.
  if (version > 0 && version < firstSecureFormat) sqlite.exec('VACUUM');
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

/**
 * Makes the search index drop the terms of a deleted row at once. SQLite 3.45 writes an index that it then calls
 * damaged, so the option is off before the first version that is known to be right.
 */
function secureSearchDeletion(sqlite: DatabaseSync): void {
  const version = String(sqlite.prepare('SELECT sqlite_version() AS version').get()?.['version']);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const wanted = major > 3 || (major === 3 && minor >= firstSecureSearchMinor) ? 1 : 0;
  const current = sqlite.prepare("SELECT v FROM sessions_search_config WHERE k = 'secure-delete'").get();
  if (Number(current?.['v'] ?? 0) === wanted) return;
  sqlite.exec(`INSERT INTO sessions_search (sessions_search, rank) VALUES ('secure-delete', ${wanted})`);
}

/** Ignores the error of ROLLBACK: on a full disk SQLite has already ended the transaction. */
export function rollBack(sqlite: DatabaseSync): void {
  try {
    sqlite.exec('ROLLBACK');
  } catch {
    // The transaction has already ended.
  }
}
