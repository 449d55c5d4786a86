import { AppError, createMessage, isAppError, type ErrorCode } from '../../contract/index.ts';

/** Texts of SQLite and of the operating system for errors that the operator can fix. */
const errorPatterns = [
  {
    pattern: /database or disk is full|ENOSPC/,
    code: 'disk_full',
    messageKey: 'maintenance.diskFull',
  },
  {
    pattern: /readonly database|unable to open database file|EACCES|EROFS|EPERM|ENOTDIR|EEXIST|ELOOP/,
    code: 'folder_not_writable',
    messageKey: 'maintenance.folderNotWritable',
  },
  {
    pattern: /file is not a database|malformed|disk I\/O error/,
    code: 'database_damaged',
    messageKey: 'maintenance.databaseDamaged',
  },
] as const satisfies readonly { pattern: RegExp; code: ErrorCode; messageKey: string }[];

/** Converts an error of SQLite or the file system into an AppError; returns any other error unchanged. */
export function toAppError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || isAppError(error)) return error;
  const match = errorPatterns.find(({ pattern }) => pattern.test(error.message));
  return match
    ? new AppError(match.code, createMessage(match.messageKey, { folder }), { retryable: true, details: { folder } })
    : error;
}
