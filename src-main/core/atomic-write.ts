/** Files for others: each appears under its name as a whole, and never in the place of another. */
import { link, open, rename, rm } from 'node:fs/promises';

/** What is not whole yet; a start clears away what a kill left. */
const partialPath = (file: string): string => `${file}.part`;

/** `write` fills the path that it is given. Throws what went wrong, with nothing left behind; EEXIST where `file` is there by then. */
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

/** A rename would replace what has come to stand there; a second name for the same file cannot. */
async function moveWithoutOverwrite(part: string, file: string): Promise<void> {
  try {
    await link(part, file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw error;
    // A disk that knows no second names: the name is taken first, and only ours is replaced.
    await (await open(file, 'wx', 0o600)).close();
    return rename(part, file);
  }
  await rm(part);
}
