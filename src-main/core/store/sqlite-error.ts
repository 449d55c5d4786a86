import { AppError, createMessage, getErrorCode, isAppError, type ErrorCode } from '../../contract/index.ts';

/** The database does not hold what SQLite was told to write, or a check of its content failed. */
export class DatabaseDamageError extends Error {}

const messageKeys = {
  disk_full: 'maintenance.diskFull',
  folder_not_writable: 'maintenance.folderNotWritable',
  database_damaged: 'maintenance.databaseDamaged',
} as const satisfies Partial<Record<ErrorCode, string>>;
type StorageErrorCode = keyof typeof messageKeys;

/** Primary result codes of SQLite (sqlite.org/rescode.html) for errors that the operator can fix. */
const codesBySqliteCode: Readonly<Record<number, StorageErrorCode>> = {
  3: 'folder_not_writable', // PERM
  8: 'folder_not_writable', // READONLY
  10: 'database_damaged', // IOERR
  11: 'database_damaged', // CORRUPT
  13: 'disk_full', // FULL
  14: 'folder_not_writable', // CANTOPEN
  26: 'database_damaged', // NOTADB
};

const codesBySystemCode: Readonly<Record<string, StorageErrorCode>> = {
  ENOSPC: 'disk_full',
  EACCES: 'folder_not_writable',
  EROFS: 'folder_not_writable',
  EPERM: 'folder_not_writable',
  ENOTDIR: 'folder_not_writable',
  EEXIST: 'folder_not_writable',
  ELOOP: 'folder_not_writable',
};

/** Whether another connection holds the lock (BUSY) or another statement of this one (LOCKED). */
export function isLockedError(error: unknown): boolean {
  return [5, 6].includes(getSqliteCode(error) ?? 0);
}

/** Converts an error of SQLite or the file system into an AppError; returns any other error unchanged. */
export function toAppError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || isAppError(error)) return error;
  const code =
    error instanceof DatabaseDamageError
      ? 'database_damaged'
      : (codesBySqliteCode[getSqliteCode(error) ?? 0] ?? codesBySystemCode[getErrorCode(error) ?? '']);
  return code === undefined ? error : createStorageError(code, folder);
}

export function createStorageError(code: StorageErrorCode, folder: string): AppError {
  return new AppError(code, createMessage(messageKeys[code], { folder }), { retryable: true, details: { folder } });
}

/**
 * The primary result code, the lowest byte of the extended one. node:sqlite has it in `errcode`; libsql, which tests
 * use where an Electron has no node:sqlite, in `rawCode`.
 */
function getSqliteCode(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const { errcode, rawCode } = error as { errcode?: unknown; rawCode?: unknown };
  const code = errcode ?? rawCode;
  return typeof code === 'number' ? code & 0xff : null;
}
