import { longestRecord, type Item, type Place, type Reader } from './record-reader.ts';

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What a look at one record found: where it ends, or what is wrong with it, or that more text is needed. */
type Scan =
  | { readonly kind: 'record'; readonly next: number; readonly lines: number; readonly cells: string[] }
  | { readonly kind: 'bad'; readonly column: number; readonly message: string }
  | { readonly kind: 'more' };

/**
 * CSV as RFC 4180 has it, with any separator and line end. Written by hand for what happens after a bad line: the next
 * line is read as if nothing had been (csv-parse's `skip_records_with_error` loses the lines after `"a"b`).
 * A quote inside an unquoted cell is a character like any other.
 */
export class CsvReader implements Reader {
  readonly #separator: number;
  #buffer = '';
  /** The line of the buffer's first character, from 1. */
  #line = 1;
  /** Inside a line that is too long to be kept: everything up to its end is passed over. */
  #skipping = false;

  constructor(separator: string) {
    this.#separator = separator.charCodeAt(0);
  }

  push(text: string): Item[] {
    this.#buffer += text;
    return this.#read(false);
  }

  end(): Item[] {
    return this.#read(true);
  }

  place(): Place {
    return { line: this.#line + lineEnds(this.#buffer, 0, this.#buffer.length), column: null };
  }

  #read(final: boolean): Item[] {
    const items: Item[] = [];
    const buffer = this.#buffer;
    let at = 0;
    while (at < buffer.length) {
      if (this.#skipping) {
        const next = lineEndAfter(buffer, at, final);
        if (next === null) {
          at = buffer.endsWith('\r') ? buffer.length - 1 : buffer.length;
          break;
        }
        at = next;
        this.#line += 1;
        this.#skipping = false;
        continue;
      }
      const scan = this.#scan(buffer, at, final);
      if (scan.kind === 'more') break;
      if (scan.kind === 'record') {
        if (scan.cells.length > 1 || scan.cells[0]?.trim())
          items.push({ kind: 'row', line: this.#line, column: 1, cells: scan.cells });
        at = scan.next;
        this.#line += scan.lines;
        continue;
      }
      items.push({ kind: 'bad', line: this.#line, column: scan.column, message: scan.message });
      this.#skipping = true;
    }
    this.#buffer = buffer.slice(at);
    return items;
  }

  #scan(text: string, start: number, final: boolean): Scan {
    const cells: string[] = [];
    let at = start;
    let lines = 0;
    for (;;) {
      let cell: string;
      if (text.charCodeAt(at) === quote) {
        const opened = at;
        let from = at + 1;
        let close: number;
        cell = '';
        for (;;) {
          close = text.indexOf('"', from);
          if (close === -1 || close - start > longestRecord) {
            if (final || text.length - start > longestRecord)
              return { kind: 'bad', column: cells.length + 1, message: unclosed };
            return { kind: 'more' };
          }
          if (text.charCodeAt(close + 1) !== quote) break;
          cell += text.slice(from, close + 1);
          from = close + 2;
        }
        if (close + 1 >= text.length && !final) return { kind: 'more' };
        cell += text.slice(from, close);
        lines += lineEnds(text, opened, close);
        at = close + 1;
        const after = text.charCodeAt(at);
        if (at < text.length && after !== this.#separator && after !== lineFeed && after !== carriageReturn) {
          return { kind: 'bad', column: cells.length + 1, message: strayQuote };
        }
      } else {
        const from = at;
        while (at < text.length) {
          const code = text.charCodeAt(at);
          if (code === this.#separator || code === lineFeed || code === carriageReturn) break;
          at += 1;
        }
        if (at - start > longestRecord) return { kind: 'bad', column: cells.length + 1, message: tooLong };
        if (at >= text.length && !final) return { kind: 'more' };
        cell = text.slice(from, at);
      }
      cells.push(cell);
      if (at >= text.length) return { kind: 'record', next: at, lines, cells };
      const code = text.charCodeAt(at);
      if (code === this.#separator) {
        at += 1;
        // The last cell of a file may be empty.
        if (at >= text.length && !final) return { kind: 'more' };
        continue;
      }
      if (code === carriageReturn) {
        if (at + 1 >= text.length && !final) return { kind: 'more' };
        if (text.charCodeAt(at + 1) === lineFeed) at += 1;
      }
      return { kind: 'record', next: at + 1, lines: lines + 1, cells };
    }
  }
}

const unclosed = 'A quotation mark opens in this line and none closes it. Close it, or write the line without it.';
const strayQuote =
  'A quoted cell goes on after its closing quotation mark. Write a quotation mark inside a quoted cell twice.';
const tooLong =
  `This line is longer than ${longestRecord.toLocaleString('en')} characters. ` +
  'Check that the file has line breaks and that this is its separator.';

/** LF, CR LF or CR, as the reader itself counts them. */
function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(at + 1) !== lineFeed)) count += 1;
  }
  return count;
}

/** Where the next line begins, or null where its beginning is not there yet. */
function lineEndAfter(text: string, from: number, final: boolean): number | null {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeed) return at + 1;
    if (code === carriageReturn) {
      if (at + 1 >= text.length) return final ? at + 1 : null;
      return text.charCodeAt(at + 1) === lineFeed ? at + 2 : at + 1;
    }
  }
  return null;
}
