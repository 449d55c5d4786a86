/** The pictures that the repository keeps: small, since each stays in its history for good, and whole. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { quantizePng } from '../../support/png-quantize.ts';

const resolvePath = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const screenshotFiles = ['resources/screenshots', 'test/e2e/baselines'].flatMap((folder) =>
  readdirSync(resolvePath(folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.png'))
    .map((file) => resolvePath(`${folder}/${file}`)),
);

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A PNG of 2 by 5 pixels, 8 bits a channel, whose rows are filtered in each of the five ways. */
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

describe('the pictures', () => {
  it('are of at most 256 colours, and of less than 7 MB in all', () => {
    expect(screenshotFiles.length).toBeGreaterThan(100);
    // Byte 25 is the kind of PNG: 3 has a palette.
    expect(screenshotFiles.filter((file) => readFileSync(file)[25] !== 3)).toEqual([]);
    expect(screenshotFiles.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(7_000_000);
  });

  it('keep their pixels where they become smaller', () => {
    // Every row is [200, 100, 50], [210, 110, 60] once its filter is undone: none, left, up, average, Paeth.
    const slim = quantizePng(
      png([
        [0, 200, 100, 50, 210, 110, 60],
        [1, 200, 100, 50, 10, 10, 10],
        [2, 0, 0, 0, 0, 0, 0],
        [3, 100, 50, 25, 5, 5, 5],
        [4, 0, 0, 0, 0, 0, 0],
      ]),
    );
    const palette = slim.subarray(slim.indexOf('PLTE') + 4, slim.indexOf('PLTE') + 10);
    expect([...palette]).toEqual([200, 100, 50, 210, 110, 60]);
    const rows = deflateSync(Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]), { level: 9, memLevel: 9 });
    expect(slim.includes(rows)).toBe(true);
    expect(quantizePng(slim)).toBe(slim);
  });
});
