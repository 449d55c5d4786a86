import { AppError, type ErrorCode } from '../../contract/index.ts';

/** SQLite's and the system's words for the troubles an operator can do something about. */
const errorPatterns: readonly { pattern: RegExp; code: ErrorCode; message: (folder: string) => string }[] = [
  {
    pattern: /database or disk is full|ENOSPC/,
    code: 'disk_full',
    message: (folder) =>
      `The disk that holds ${folder} is full. Nothing recorded so far is lost. Free some space, then try again.`,
  },
  {
    pattern: /readonly database|unable to open database file|EACCES|EROFS|EPERM|ENOTDIR|EEXIST|ELOOP/,
    code: 'folder_not_writable',
    message: (folder) =>
      `Session Desk cannot write to ${folder}. Give your user write access to this folder, then try again.`,
  },
  {
    pattern: /file is not a database|malformed|disk I\/O error/,
    code: 'database_damaged',
    message: (folder) =>
      `The database in ${folder} is damaged and was not opened; nothing in it was changed. ` +
      'Put a backup of desk.sqlite in its place, or move the file elsewhere to begin with an empty one.',
  },
];

/** An error of SQLite or the file system as the console's own, with what to do; anything unexpected stays as it is. */
export function toAppError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error)) return error;
  const trouble = errorPatterns.find(({ pattern }) => pattern.test(error.message));
  return trouble
    ? new AppError(trouble.code, trouble.message(folder), { retryable: true, details: { folder } })
    : error;
}
