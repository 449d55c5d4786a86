/**
 * Opens files for reading without waiting for another program. A plain `open` of a named pipe waits until a program
 * writes to it, and reading a device may never end.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { getErrorCode } from '../contract/index.ts';

/** Windows has neither named pipes in folders nor these flags. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** A symbolic link, a socket, or a device without a driver. */
const specialFileErrors = ['ELOOP', 'EMLINK', 'ENXIO', 'ENODEV', 'EOPNOTSUPP'];

/**
 * Resolves with null if the path is a folder, a symbolic link, a named pipe, a socket or a device. Rejects with the
 * other errors of the file system. What is checked is the opened file, so that it cannot be replaced after the check.
 */
export async function openRegularFile(path: string): Promise<FileHandle | null> {
  try {
    const handle = await open(path, flags);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return null;
  } catch (error) {
    if (isSpecialFileError(error)) return null;
    throw error;
  }
}

/** Like `openRegularFile`. Returns a file descriptor. */
export function openRegularFileSync(path: string): number | null {
  try {
    const descriptor = openSync(path, flags);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
    return null;
  } catch (error) {
    if (isSpecialFileError(error)) return null;
    throw error;
  }
}

/** Reads a text. Throws if the path is not a regular file. */
export function readRegularFileSync(path: string): string {
  const descriptor = openRegularFileSync(path);
  if (descriptor === null) throw new Error(`${path} is not a regular file.`);
  try {
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function isSpecialFileError(error: unknown): boolean {
  return specialFileErrors.includes(getErrorCode(error) ?? '');
}
