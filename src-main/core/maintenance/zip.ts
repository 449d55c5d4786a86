/** Creates a ZIP archive of a few small text files without compression. Every operating system can open it. */
import { strToU8, zipSync } from 'fflate';

export interface ZipEntry {
  readonly name: string;
  readonly text: string;
}

/** A name that leads out of the target folder on some operating system. */
const escapesArchive = /^[/\\]|^[a-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0/i;

/** Names are UTF-8 and differ. Throws if a name leads out of the target folder. */
export function createZip(entries: readonly ZipEntry[], at: Date): Buffer {
  if (entries.some(({ name }) => escapesArchive.test(name)))
    throw new Error('A file name in an archive must not lead out of its folder.');
  const files = Object.fromEntries(entries.map(({ name, text }) => [name, strToU8(text)]));
  return Buffer.from(zipSync(files, { level: 0, mtime: at }));
}
