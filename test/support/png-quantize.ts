/**
 * Pictures of the screen, made smaller: at most 256 colours, one byte a pixel. What Chromium writes is about three times as large, and
 * every picture stays in the repository for good.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const paletteColourType = 3;

interface DecodedImage {
  readonly width: number;
  readonly height: number;
  /** 0xrrggbb, row by row. */
  readonly colours: Uint32Array;
}

interface Chunk {
  readonly type: string;
  readonly body: Buffer;
}

function readChunks(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function writeChunk({ type, body }: Chunk): Buffer {
  const chunk = Buffer.alloc(body.length + 12);
  chunk.writeUInt32BE(body.length, 0);
  chunk.write(type, 4, 'latin1');
  body.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, body.length + 8)), body.length + 8);
  return chunk;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const toLeft = Math.abs(guess - left);
  const toUp = Math.abs(guess - up);
  const toCorner = Math.abs(guess - corner);
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** What a row's filter foretold of a byte from those beside and above it. */
function predictByte(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      throw new Error(`A PNG has no filter ${filter}.`);
  }
}

/** Of what Chromium writes: 8 bits a channel, with or without alpha, not interlaced. Throws on any other PNG. */
function decode(png: Buffer): DecodedImage {
  const chunks = readChunks(png);
  const head = chunks[0]?.body ?? Buffer.alloc(13);
  const [width, height, depth, kind, interlaced] = [
    head.readUInt32BE(0),
    head.readUInt32BE(4),
    head[8],
    head[9],
    head[12],
  ];
  if (depth !== 8 || (kind !== 2 && kind !== 6) || interlaced !== 0)
    throw new Error('Not a PNG as Chromium writes it.');
  const step = kind === 6 ? 4 : 3;
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body)));
  const colours = new Uint32Array(width * height);
  let above = Buffer.alloc(width * step);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (width * step + 1)] ?? 0;
    const row = data.subarray(y * (width * step + 1) + 1, (y + 1) * (width * step + 1));
    for (let at = 0; at < row.length; at += 1) {
      row[at] = (row[at] ?? 0) + predictByte(filter, row[at - step] ?? 0, above[at] ?? 0, above[at - step] ?? 0);
    }
    for (let x = 0; x < width; x += 1) colours[y * width + x] = row.readUIntBE(x * step, 3);
    above = row;
  }
  return { width, height, colours };
}

function distance(one: number, other: number): number {
  const red = (one >> 16) - (other >> 16);
  const green = ((one >> 8) & 255) - ((other >> 8) & 255);
  const blue = (one & 255) - (other & 255);
  return red * red + green * green + blue * blue;
}

/** The place of the colour that is nearest. */
function nearestColourIndex(colour: number, chosen: readonly number[]): number {
  const { place } = chosen.reduce(
    (best, each, at) => {
      const far = distance(each, colour);
      return far < best.far ? { place: at, far } : best;
    },
    { place: 0, far: Infinity },
  );
  return place;
}

/** At most 256: of colours that look alike the one seen most, so that a small mark keeps its own beside large grounds. */
function selectPalette(seen: ReadonlyMap<number, number>): number[] {
  const most = [...seen].sort(([, one], [, other]) => other - one);
  const alike = new Map<number, { readonly colour: number; pixels: number }>();
  for (const [colour, pixels] of most) {
    const group = colour & 0xf8f8f8;
    const known = alike.get(group);
    if (known) known.pixels += pixels;
    else alike.set(group, { colour, pixels });
  }
  return [...alike.values()]
    .sort((one, other) => other.pixels - one.pixels)
    .slice(0, 256)
    .map(({ colour }) => colour);
}

/** The same picture in at most 256 colours; one that is so already comes back as it is. */
export function quantizePng(png: Buffer): Buffer {
  if (png[25] === paletteColourType) return png;
  const { width, height, colours } = decode(png);
  const seen = new Map<number, number>();
  for (const colour of colours) seen.set(colour, (seen.get(colour) ?? 0) + 1);
  const chosen = selectPalette(seen);
  const nearest = new Map([...seen.keys()].map((colour) => [colour, nearestColourIndex(colour, chosen)]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = nearest.get(colours[y * width + x] ?? 0) ?? 0;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, paletteColourType], 8);
  return Buffer.concat([
    signature,
    ...[
      { type: 'IHDR', body: head },
      {
        type: 'PLTE',
        body: Buffer.from(chosen.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255])),
      },
      { type: 'IDAT', body: deflateSync(rows, { level: 9, memLevel: 9 }) },
      { type: 'IEND', body: Buffer.alloc(0) },
    ].map(writeChunk),
  ]);
}

/** Makes a file smaller in its place; true where there was anything to do. */
export function quantizePngFile(file: string): boolean {
  const before = readFileSync(file);
  const after = quantizePng(before);
  if (after !== before) writeFileSync(file, after);
  return after !== before;
}
