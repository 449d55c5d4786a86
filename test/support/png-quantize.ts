/**
 * Reduces screenshots to at most 256 colours, one byte per pixel. Chromium's files are about three times as large, and
 * every version of a screenshot stays in the repository's history.
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
  for (let offset = signature.length; offset < png.length;) {
    const length = png.readUInt32BE(offset);
    const bodyOffset = offset + 8;
    const type = png.toString('latin1', offset + 4, bodyOffset);
    chunks.push({ type, body: png.subarray(bodyOffset, bodyOffset + length) });
    offset += length + 12;
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
  const estimate = left + up - corner;
  const leftDistance = Math.abs(estimate - left);
  const upDistance = Math.abs(estimate - up);
  const cornerDistance = Math.abs(estimate - corner);
  if (leftDistance <= upDistance && leftDistance <= cornerDistance) return left;
  return upDistance <= cornerDistance ? up : corner;
}

/**
 * The prediction of a row filter for a byte, from its left, upper and upper left neighbours (PNG specification 9.2).
 */
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
      throw new Error(`Unknown PNG filter ${filter}.`);
  }
}

/** Decodes a PNG with 8 bits per channel, with or without alpha, not interlaced. Throws for other PNG files. */
function decode(png: Buffer): DecodedImage {
  const chunks = readChunks(png);
  const head = chunks[0]?.body ?? Buffer.alloc(13);
  const [width, height, depth, colourType, interlaced] = [
    head.readUInt32BE(0),
    head.readUInt32BE(4),
    head[8],
    head[9],
    head[12],
  ];
  if (depth !== 8 || (colourType !== 2 && colourType !== 6) || interlaced !== 0)
    throw new Error('Unsupported PNG format.');
  const bytesPerPixel = colourType === 6 ? 4 : 3;
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body)));
  const colours = new Uint32Array(width * height);
  const rowLength = width * bytesPerPixel;
  let previousRow = Buffer.alloc(rowLength);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (rowLength + 1)] ?? 0;
    const row = data.subarray(y * (rowLength + 1) + 1, (y + 1) * (rowLength + 1));
    for (let index = 0; index < row.length; index += 1) {
      const left = row[index - bytesPerPixel] ?? 0;
      const corner = previousRow[index - bytesPerPixel] ?? 0;
      row[index] = (row[index] ?? 0) + predictByte(filter, left, previousRow[index] ?? 0, corner);
    }
    for (let x = 0; x < width; x += 1) colours[y * width + x] = row.readUIntBE(x * bytesPerPixel, 3);
    previousRow = row;
  }
  return { width, height, colours };
}

/** The squared distance of two colours. */
function colourDistance(a: number, b: number): number {
  const red = (a >> 16) - (b >> 16);
  const green = ((a >> 8) & 255) - ((b >> 8) & 255);
  const blue = (a & 255) - (b & 255);
  return red * red + green * green + blue * blue;
}

function nearestColourIndex(colour: number, palette: readonly number[]): number {
  const nearest = palette.reduce(
    (best, candidate, index) => {
      const distance = colourDistance(candidate, colour);
      return distance < best.distance ? { index, distance } : best;
    },
    { index: 0, distance: Infinity },
  );
  return nearest.index;
}

/**
 * Selects at most 256 colours. Similar colours are grouped, and each group is represented by its most frequent colour,
 * so that small marks keep their colour.
 */
function selectPalette(pixelCounts: ReadonlyMap<number, number>): number[] {
  const mostFrequentFirst = [...pixelCounts].sort(([, a], [, b]) => b - a);
  const groups = new Map<number, { readonly colour: number; pixels: number }>();
  for (const [colour, pixels] of mostFrequentFirst) {
    const groupKey = colour & 0xf8f8f8;
    const group = groups.get(groupKey);
    if (group) group.pixels += pixels;
    else groups.set(groupKey, { colour, pixels });
  }
  return [...groups.values()]
    .sort((a, b) => b.pixels - a.pixels)
    .slice(0, 256)
    .map(({ colour }) => colour);
}

/** Images with one palette: for each pixel, row by row, the index of its colour. */
interface IndexedImages {
  readonly palette: readonly number[];
  readonly indexes: readonly Uint8Array[];
}

function mapToPalette(images: readonly DecodedImage[]): IndexedImages {
  const pixelCounts = new Map<number, number>();
  for (const { colours } of images)
    for (const colour of colours) pixelCounts.set(colour, (pixelCounts.get(colour) ?? 0) + 1);
  const palette = selectPalette(pixelCounts);
  const paletteIndexes = new Map(
    [...pixelCounts.keys()].map((colour) => [colour, nearestColourIndex(colour, palette)]),
  );
  return {
    palette,
    indexes: images.map(({ colours }) => Uint8Array.from(colours, (colour) => paletteIndexes.get(colour) ?? 0)),
  };
}

function headChunks(width: number, height: number, palette: readonly number[]): readonly [Chunk, Chunk] {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, paletteColourType], 8);
  const colours = palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  return [
    { type: 'IHDR', body: head },
    { type: 'PLTE', body: Buffer.from(colours) },
  ];
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The compressed rows of an area; each row starts with filter 0. */
function compressArea(indexes: Uint8Array, imageWidth: number, { x, y, width, height }: Area): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    const start = (y + row) * imageWidth + x;
    rows.set(indexes.subarray(start, start + width), row * (width + 1) + 1);
  }
  return deflateSync(rows, { level: 9, memLevel: 9 });
}

function joinChunks(chunks: readonly Chunk[]): Buffer {
  return Buffer.concat([signature, ...[...chunks, { type: 'IEND', body: Buffer.alloc(0) }].map(writeChunk)]);
}

/** Converts a PNG to a palette of at most 256 colours. Returns a PNG that already has a palette unchanged. */
export function quantizePng(png: Buffer): Buffer {
  if (png[25] === paletteColourType) return png;
  const image = decode(png);
  const { width, height } = image;
  const { palette, indexes } = mapToPalette([image]);
  const data = compressArea(indexes[0] ?? new Uint8Array(), width, { x: 0, y: 0, width, height });
  return joinChunks([...headChunks(width, height, palette), { type: 'IDAT', body: data }]);
}

/** The smallest area that holds every pixel that differs; one pixel if the images are equal. */
function findChangedArea(before: Uint8Array, after: Uint8Array, imageWidth: number): Area {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (let index = 0; index < after.length; index += 1) {
    if (before[index] === after[index]) continue;
    const x = index % imageWidth;
    const y = (index - x) / imageWidth;
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return { x: 0, y: 0, width: 1, height: 1 };
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Joins frames of the same size to an animated PNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation) that
 * repeats. Each frame after the first holds only the area that changed. `durationMs` is at most 65,535.
 */
export function animatePng(frames: readonly { readonly png: Buffer; readonly durationMs: number }[]): Buffer {
  const images = frames.map(({ png }) => decode(png));
  const { width, height } = images[0] ?? { width: 0, height: 0 };
  const { palette, indexes } = mapToPalette(images);
  let sequence = 0;
  const nextSequence = (): Buffer => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(sequence);
    sequence += 1;
    return number;
  };
  const frameChunks = indexes.flatMap((current, index): Chunk[] => {
    const previous = indexes[index - 1];
    const area = previous ? findChangedArea(previous, current, width) : { x: 0, y: 0, width, height };
    const control = Buffer.alloc(22);
    [area.width, area.height, area.x, area.y].forEach((value, field) => control.writeUInt32BE(value, field * 4));
    control.writeUInt16BE(frames[index]?.durationMs ?? 0, 16);
    control.writeUInt16BE(1_000, 18);
    const data = compressArea(current, width, area);
    return [
      { type: 'fcTL', body: Buffer.concat([nextSequence(), control]) },
      previous ? { type: 'fdAT', body: Buffer.concat([nextSequence(), data]) } : { type: 'IDAT', body: data },
    ];
  });
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length);
  return joinChunks([...headChunks(width, height, palette), { type: 'acTL', body: animation }, ...frameChunks]);
}

/** Quantizes a file in place. Returns whether the file changed. */
export function quantizePngFile(file: string): boolean {
  const before = readFileSync(file);
  const after = quantizePng(before);
  if (after !== before) writeFileSync(file, after);
  return after !== before;
}
