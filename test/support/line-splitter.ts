import type { Readable } from 'node:stream';

/**
 * Calls `onLine` for each line of a stream of UTF-8 text. Unlike `node:readline`, it ends a line only at a line feed: a
 * JSON text can contain the line separator U+2028.
 */
export function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
