/** Reads a ZIP archive without compression by its central directory. Throws if a field contradicts another one. */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

export function readZip(archive: Buffer): { name: string; text: string }[] {
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50, 'end of the central directory');
  const count = archive.readUInt16LE(end + 10);
  let offset = archive.readUInt32LE(end + 16);
  assert.equal(offset + archive.readUInt32LE(end + 12), end, 'size of the central directory');
  const entries = Array.from({ length: count }, () => {
    assert.equal(archive.readUInt32LE(offset), 0x02014b50, 'directory entry');
    const nameLength = archive.readUInt16LE(offset + 28);
    const name = archive.toString('utf8', offset + 46, offset + 46 + nameLength);
    const content = readContent(archive, archive.readUInt32LE(offset + 42), name);
    assert.equal(crc32(content), archive.readUInt32LE(offset + 16), 'checksum');
    offset += 46 + nameLength;
    return { name, text: content.toString('utf8') };
  });
  assert.equal(offset, end, 'nothing between the directory and its end');
  return entries;
}

function readContent(archive: Buffer, offset: number, name: string): Buffer {
  assert.equal(archive.readUInt32LE(offset), 0x04034b50, 'local header');
  const length = archive.readUInt32LE(offset + 18);
  const nameLength = archive.readUInt16LE(offset + 26);
  assert.equal(archive.toString('utf8', offset + 30, offset + 30 + nameLength), name, 'name in both headers');
  return archive.subarray(offset + 30 + nameLength, offset + 30 + nameLength + length);
}
