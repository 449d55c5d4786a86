import { maxRecordLength, type ParsedRecord, type Position, type RecordReader } from './record-reader.ts';

const quoteCode = 0x22;
const lineFeedCode = 0x0a;
const carriageReturnCode = 0x0d;

/** What a look at one record found: where it ends, or what is wrong with it, or that more text is needed. */
type ScanResult =
  | { readonly kind: 'record'; readonly next: number; readonly lines: number; readonly cells: string[] }
  | { readonly kind: 'invalid'; readonly column: number; readonly message: string }
  | { readonly kind: 'incomplete' };

/**
 * CSV as RFC 4180 has it, with any separator and line end. Written by hand for what happens after a bad line: the next
 * line is read as if nothing had been (csv-parse's `skip_records_with_error` loses the lines after `"a"b`).
 * A quote inside an unquoted cell is a character like any other.
 */
export class CsvReader implements RecordReader {
  readonly #separatorCode: number;
  #buffer = '';
  /** The line of the buffer's first character, from 1. */
  #line = 1;
  /** Inside a line that is too long to be kept: everything up to its end is passed over. */
  #isSkippingLine = false;

  constructor(separator: string) {
    this.#separatorCode = separator.charCodeAt(0);
  }

  push(text: string): ParsedRecord[] {
    this.#buffer += text;
    return this.#readRecords(false);
  }

  end(): ParsedRecord[] {
    return this.#readRecords(true);
  }

  position(): Position {
    return { line: this.#line + countLineEnds(this.#buffer, 0, this.#buffer.length), column: null };
  }

  #readRecords(final: boolean): ParsedRecord[] {
    const items: ParsedRecord[] = [];
    const buffer = this.#buffer;
    let at = 0;
    while (at < buffer.length) {
      if (this.#isSkippingLine) {
        const next = findNextLineStart(buffer, at, final);
        if (next === null) {
          at = buffer.endsWith('\r') ? buffer.length - 1 : buffer.length;
          break;
        }
        at = next;
        this.#line += 1;
        this.#isSkippingLine = false;
        continue;
      }
      const scan = this.#scanRecord(buffer, at, final);
      if (scan.kind === 'incomplete') break;
      if (scan.kind === 'record') {
        if (scan.cells.length > 1 || scan.cells[0]?.trim())
          items.push({ kind: 'row', line: this.#line, column: 1, cells: scan.cells });
        at = scan.next;
        this.#line += scan.lines;
        continue;
      }
      items.push({ kind: 'invalid', line: this.#line, column: scan.column, message: scan.message });
      this.#isSkippingLine = true;
    }
    this.#buffer = buffer.slice(at);
    return items;
  }

  #scanRecord(text: string, start: number, final: boolean): ScanResult {
    const cells: string[] = [];
    let at = start;
    let lines = 0;
    for (;;) {
      let cell: string;
      if (text.charCodeAt(at) === quoteCode) {
        const opened = at;
        let from = at + 1;
        let close: number;
        cell = '';
        for (;;) {
          close = text.indexOf('"', from);
          if (close === -1 || close - start > maxRecordLength) {
            if (final || text.length - start > maxRecordLength)
              return { kind: 'invalid', column: cells.length + 1, message: unclosedQuoteMessage };
            return { kind: 'incomplete' };
          }
          if (text.charCodeAt(close + 1) !== quoteCode) break;
          cell += text.slice(from, close + 1);
          from = close + 2;
        }
        if (close + 1 >= text.length && !final) return { kind: 'incomplete' };
        cell += text.slice(from, close);
        lines += countLineEnds(text, opened, close);
        at = close + 1;
        const after = text.charCodeAt(at);
        if (
          at < text.length &&
          after !== this.#separatorCode &&
          after !== lineFeedCode &&
          after !== carriageReturnCode
        ) {
          return { kind: 'invalid', column: cells.length + 1, message: strayQuoteMessage };
        }
      } else {
        const from = at;
        while (at < text.length) {
          const code = text.charCodeAt(at);
          if (code === this.#separatorCode || code === lineFeedCode || code === carriageReturnCode) break;
          at += 1;
        }
        if (at - start > maxRecordLength)
          return { kind: 'invalid', column: cells.length + 1, message: lineTooLongMessage };
        if (at >= text.length && !final) return { kind: 'incomplete' };
        cell = text.slice(from, at);
      }
      cells.push(cell);
      if (at >= text.length) return { kind: 'record', next: at, lines, cells };
      const code = text.charCodeAt(at);
      if (code === this.#separatorCode) {
        at += 1;
        // The last cell of a file may be empty.
        if (at >= text.length && !final) return { kind: 'incomplete' };
        continue;
      }
      if (code === carriageReturnCode) {
        if (at + 1 >= text.length && !final) return { kind: 'incomplete' };
        if (text.charCodeAt(at + 1) === lineFeedCode) at += 1;
      }
      return { kind: 'record', next: at + 1, lines: lines + 1, cells };
    }
  }
}

const unclosedQuoteMessage =
  'A quotation mark opens in this line and none closes it. Close it, or write the line without it.';
const strayQuoteMessage =
  'A quoted cell goes on after its closing quotation mark. Write a quotation mark inside a quoted cell twice.';
const lineTooLongMessage =
  `This line is longer than ${maxRecordLength.toLocaleString('en')} characters. ` +
  'Check that the file has line breaks and that this is its separator.';

/** LF, CR LF or CR, as the reader itself counts them. */
function countLineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeedCode || (code === carriageReturnCode && text.charCodeAt(at + 1) !== lineFeedCode)) count += 1;
  }
  return count;
}

/** Where the next line begins, or null where its beginning is not there yet. */
function findNextLineStart(text: string, from: number, final: boolean): number | null {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeedCode) return at + 1;
    if (code === carriageReturnCode) {
      if (at + 1 >= text.length) return final ? at + 1 : null;
      return text.charCodeAt(at + 1) === lineFeedCode ? at + 2 : at + 1;
    }
  }
  return null;
}
