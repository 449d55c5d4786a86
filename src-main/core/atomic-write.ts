/** Writes files that become visible only when they are complete, and that never overwrite an existing file. */
import { link, open, rename, rm } from 'node:fs/promises';
import { getErrorCode } from '../contract/index.ts';

/** Path of the incomplete file. The next start deletes it if the process was killed. */
const partialPath = (file: string): string => `${file}.part`;

/**
 * Calls `write` with a temporary path, then moves the result to `file`. If a step fails, deletes the temporary file and
 * throws the error; throws EEXIST if `file` exists.
 */
export async function writeFileAtomically(file: string, write: (path: string) => Promise<void>): Promise<void> {
  const part = partialPath(file);
  try {
    await write(part);
    await moveWithoutOverwrite(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A hard link fails if `file` exists; a rename would overwrite it. */
async function moveWithoutOverwrite(part: string, file: string): Promise<void> {
  try {
    await link(part, file);
  } catch (error) {
    if (getErrorCode(error) === 'EEXIST') throw error;
    // The file system has no hard links. Reserve the name first, so that the rename replaces only the reserved file.
    await (await open(file, 'wx', 0o600)).close();
    return rename(part, file);
  }
  await rm(part);
}
