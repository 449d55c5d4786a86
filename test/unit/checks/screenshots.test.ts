/** The screenshots in the repository must be small, because every version stays in the history. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { animatePng, quantizePng } from '../../support/png-quantize.ts';

const resolvePath = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const screenshotFiles = ['resources/screenshots', 'test/e2e/baselines'].flatMap((folder) =>
  readdirSync(resolvePath(folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.png'))
    .map((file) => resolvePath(`${folder}/${file}`)),
);

function chunk(type: string, body: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), body]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}

/** A PNG with 2 pixels per row and 8 bits per channel. Each row starts with its filter type. */
function png(rows: readonly (readonly number[])[]): Buffer {
  const head = Buffer.from([0, 0, 0, 2, 0, 0, 0, rows.length, 8, 2, 0, 0, 0]);
  const data = deflateSync(Buffer.from(rows.flat()));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('screenshots', () => {
  it('screenshots: each has at most 256 colours, and all together have less than 7 MB', () => {
    expect(screenshotFiles.length).toBeGreaterThan(40);
    // Byte 25 is the colour type; 3 is a palette.
    expect(screenshotFiles.filter((file) => readFileSync(file)[25] !== 3)).toEqual([]);
    expect(screenshotFiles.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(7_000_000);
  });

  it('quantizePng: keeps all pixels of an image with few colours', () => {
    // Without its filter (none, left, up, average, Paeth), every row is [200, 100, 50], [210, 110, 60].
    const quantized = quantizePng(
      png([
        [0, 200, 100, 50, 210, 110, 60],
        [1, 200, 100, 50, 10, 10, 10],
        [2, 0, 0, 0, 0, 0, 0],
        [3, 100, 50, 25, 5, 5, 5],
        [4, 0, 0, 0, 0, 0, 0],
      ]),
    );
    const palette = quantized.subarray(quantized.indexOf('PLTE') + 4, quantized.indexOf('PLTE') + 10);
    expect([...palette]).toEqual([200, 100, 50, 210, 110, 60]);
    const rows = deflateSync(Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]), { level: 9, memLevel: 9 });
    expect(quantized.includes(rows)).toBe(true);
    expect(quantizePng(quantized)).toBe(quantized);
  });

  it('animatePng: a frame after the first holds only the area that changed', () => {
    const row = [0, 200, 100, 50, 210, 110, 60];
    const animated = animatePng([
      { png: png([row, row, row]), durationMs: 500 },
      { png: png([row, row, [0, 200, 100, 50, 0, 0, 0]]), durationMs: 1_500 },
    ]);
    const control = animated.subarray(animated.lastIndexOf('fcTL') + 4);
    expect(animated.readUInt32BE(animated.indexOf('acTL') + 4)).toBe(2);
    // Sequence number, width, height, x, y.
    expect([0, 4, 8, 12, 16].map((offset) => control.readUInt32BE(offset))).toEqual([1, 1, 1, 1, 2]);
    expect([control.readUInt16BE(20), control.readUInt16BE(22)]).toEqual([1_500, 1_000]);
  });
});
