/** Creates a ZIP archive of a few small text files without compression. Every operating system can open it. */
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly text: string;
}

/** A name that leads out of the target folder on some operating system. */
const escapesArchive = /^[/\\]|^[a-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0/i;

/** Names are UTF-8 (flag bit 11); sizes are below 4 GB. Throws if a name leads out of the target folder. */
export function createZip(entries: readonly ZipEntry[], at: Date): Buffer {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  const date = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of entries) {
    if (escapesArchive.test(name)) throw new Error('A file name in an archive must not lead out of its folder.');
    const fileName = Buffer.from(name);
    const content = Buffer.from(text);
    // The part that the local header and the directory entry have in common.
    const commonHeader = Buffer.alloc(26);
    commonHeader.writeUInt16LE(20, 0);
    commonHeader.writeUInt16LE(1 << 11, 2);
    commonHeader.writeUInt16LE(time, 6);
    commonHeader.writeUInt16LE(date, 8);
    commonHeader.writeUInt32LE(crc32(content), 10);
    commonHeader.writeUInt32LE(content.length, 14);
    commonHeader.writeUInt32LE(content.length, 18);
    commonHeader.writeUInt16LE(fileName.length, 22);
    files.push(Buffer.from('PK\x03\x04'), commonHeader, fileName, content);
    const directoryFields = Buffer.alloc(14);
    directoryFields.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), commonHeader, directoryFields, fileName);
    offset += 4 + commonHeader.length + fileName.length + content.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    8,
  );
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06'), end]);
}
