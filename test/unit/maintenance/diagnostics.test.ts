import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redactText } from '../../../src-main/core/maintenance/diagnostics.ts';
import { expectLinearTime } from '../../support/linear-time.ts';
import { createZip } from '../../../src-main/core/maintenance/zip.ts';

/** Reads an archive through its central directory, as an unzip program does. */
function readZip(zip: Buffer): Record<string, string> {
  const end = zip.lastIndexOf('PK\x05\x06');
  const files: Record<string, string> = {};
  let offset = zip.readUInt32LE(end + 16);
  expect(offset + zip.readUInt32LE(end + 12)).toBe(end);
  for (let remaining = zip.readUInt16LE(end + 10); remaining > 0; remaining -= 1) {
    expect(zip.toString('latin1', offset, offset + 4)).toBe('PK\x01\x02');
    const [checksum, size, nameLength, local] = [
      zip.readUInt32LE(offset + 16),
      zip.readUInt32LE(offset + 24),
      zip.readUInt16LE(offset + 28),
      zip.readUInt32LE(offset + 42),
    ];
    const name = zip.toString('utf8', offset + 46, offset + 46 + nameLength);
    expect(zip.toString('latin1', local, local + 4)).toBe('PK\x03\x04');
    expect(zip.toString('utf8', local + 30, local + 30 + nameLength)).toBe(name);
    const content = zip.subarray(local + 30 + nameLength, local + 30 + nameLength + size);
    expect(crc32(content)).toBe(checksum);
    files[name] = content.toString();
    offset += 46 + nameLength;
  }
  return files;
}

describe('createZip', () => {
  it('ZIP archive: contains every text under its name, also empty and non-ASCII texts', () => {
    const texts = { 'about.json': '{}', 'leer.txt': '', 'süß/名.txt': 'Größe 😀\n'.repeat(500) };
    expect(
      readZip(
        createZip(
          Object.entries(texts).map(([name, text]) => ({ name, text })),
          new Date(),
        ),
      ),
    ).toEqual(texts);
  });

  // Verifies F-06.
  it.each(['../desk.log', 'a/../../b', '/etc/passwd', '\\\\host\\share', 'a\\..\\..\\b', 'C:\\x', 'c:x', '..', 'a\0b'])(
    'ZIP archive: the name %j that leads out of the folder is refused',
    (name) => {
      expect(() => createZip([{ name, text: '' }], new Date())).toThrow('lead out');
    },
  );
});

describe('redactText', () => {
  // Verifies S-09.
  it.each(['a', 'a.', 'a@', 'a@a', 'a@a.', 'a-', 'a@a-', 'basic ', ' ', 'f', '0a-'])(
    'redaction: the time grows linearly with a log of %j',
    (part) => {
      expectLinearTime((length) => redactText(part.repeat(length / part.length), '/home/maria'));
    },
  );

  it.each([
    ['Authorization: Bearer abc.def-1', 'Authorization: Bearer [hidden]'],
    ['key xnd_development_O46JfOtygef9kMNsK here', 'key [hidden] here'],
    ['key sk_live_abc here', 'key [hidden] here'],
    ['ps-661f5e5c1ea3b6f1c2d3e4f5', '[id]'],
    ['at 86095db9-1f3a-4c55-9d10-0a7f0b1c8463.', 'at [id].'],
    ['maria@example.com', '[email]'],
    ['f'.repeat(64), '[hidden]'],
    ['/home/maria/.config/session-desk', '~/.config/session-desk'],
    ['{"code":"disk_full","workspace":"work"}', '{"code":"disk_full","workspace":"work"}'],
  ])('redaction: %s', (text, redacted) => {
    expect(redactText(text, '/home/maria')).toBe(redacted);
  });
});
