import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { splitLines } from '../../support/line-splitter.ts';

it('splitLines: a line ends only at a line feed, however the text arrives', async () => {
  const bytes = Buffer.from('{"a":"\u2028\u2029\u0085"}\n\né\nlast');
  for (const size of [1, 2, 7, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const lines: string[] = [];
    const stream = Readable.from(chunks, { objectMode: false });
    splitLines(stream, (line) => lines.push(line));
    await new Promise((resolve) => stream.on('end', resolve));
    expect(lines).toEqual(['{"a":"\u2028\u2029\u0085"}', '', 'é', 'last']);
  }
});
