import { createMessage, type Message } from '../../contract/index.ts';
import { unescapeFormulas } from '../file-formats.ts';
import { maxRecordLength, type ParsedRecord, type Position, type RecordReader } from './record-reader.ts';

const quoteCode = 0x22;
const lineFeedCode = 0x0a;
const carriageReturnCode = 0x0d;

/** A complete record, a problem in the record, or `incomplete` if more text is needed. */
type ScanResult =
  | { readonly kind: 'record'; readonly nextOffset: number; readonly lineCount: number; readonly cells: string[] }
  | { readonly kind: 'invalid'; readonly column: number; readonly reason: Message }
  | { readonly kind: 'incomplete' };

/**
 * Reads CSV (RFC 4180) with any separator and line end. After an invalid line it continues at the next line; csv-parse
 * with `skip_records_with_error` loses the lines after `"a"b`. A quotation mark inside an unquoted cell is a normal
 * character.
 */
export class CsvReader implements RecordReader {
  readonly #separatorCode: number;
  #buffer = '';
  /** The line of the buffer's first character, from 1. */
  #line = 1;
  /** Whether the buffer starts inside an invalid line, which is skipped up to its end. */
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

  #readRecords(isFinal: boolean): ParsedRecord[] {
    const records: ParsedRecord[] = [];
    const buffer = this.#buffer;
    let offset = 0;
    while (offset < buffer.length) {
      if (this.#isSkippingLine) {
        const nextOffset = findNextLineStart(buffer, offset, isFinal);
        if (nextOffset === null) {
          offset = buffer.endsWith('\r') ? buffer.length - 1 : buffer.length;
          break;
        }
        offset = nextOffset;
        this.#line += 1;
        this.#isSkippingLine = false;
        continue;
      }
      const scan = this.#scanRecord(buffer, offset, isFinal);
      if (scan.kind === 'incomplete') break;
      if (scan.kind === 'record') {
        if (scan.cells.length > 1 || scan.cells[0]?.trim())
          records.push({ kind: 'row', line: this.#line, column: 1, cells: scan.cells });
        offset = scan.nextOffset;
        this.#line += scan.lineCount;
        continue;
      }
      records.push({ kind: 'invalid', line: this.#line, column: scan.column, reason: scan.reason });
      this.#isSkippingLine = true;
    }
    this.#buffer = buffer.slice(offset);
    return records;
  }

  #scanRecord(text: string, start: number, isFinal: boolean): ScanResult {
    const cells: string[] = [];
    let offset = start;
    let lineCount = 0;
    for (;;) {
      let cell: string;
      if (text.charCodeAt(offset) === quoteCode) {
        const cellStart = offset;
        let from = offset + 1;
        let quoteOffset: number;
        cell = '';
        for (;;) {
          quoteOffset = text.indexOf('"', from);
          if (quoteOffset === -1 || quoteOffset - start > maxRecordLength) {
            if (isFinal || text.length - start > maxRecordLength)
              return { kind: 'invalid', column: cells.length + 1, reason: createMessage('import.quoteNotClosed') };
            return { kind: 'incomplete' };
          }
          if (text.charCodeAt(quoteOffset + 1) !== quoteCode) break;
          cell += text.slice(from, quoteOffset + 1);
          from = quoteOffset + 2;
        }
        if (quoteOffset + 1 >= text.length && !isFinal) return { kind: 'incomplete' };
        cell += text.slice(from, quoteOffset);
        lineCount += countLineEnds(text, cellStart, quoteOffset);
        offset = quoteOffset + 1;
        const following = text.charCodeAt(offset);
        if (
          offset < text.length &&
          following !== this.#separatorCode &&
          following !== lineFeedCode &&
          following !== carriageReturnCode
        ) {
          return { kind: 'invalid', column: cells.length + 1, reason: createMessage('import.quoteMisplaced') };
        }
      } else {
        const cellStart = offset;
        while (offset < text.length) {
          const code = text.charCodeAt(offset);
          if (code === this.#separatorCode || code === lineFeedCode || code === carriageReturnCode) break;
          offset += 1;
        }
        if (offset - start > maxRecordLength) {
          const reason = createMessage('import.lineTooLong', { max: maxRecordLength });
          return { kind: 'invalid', column: cells.length + 1, reason };
        }
        if (offset >= text.length && !isFinal) return { kind: 'incomplete' };
        cell = text.slice(cellStart, offset);
      }
      // Files that Session Desk or another tool has exported hold escaped formulas.
      cells.push(cell.includes("'") ? unescapeFormulas(cell) : cell);
      if (offset >= text.length) return { kind: 'record', nextOffset: offset, lineCount, cells };
      const code = text.charCodeAt(offset);
      if (code === this.#separatorCode) {
        offset += 1;
        // The last cell of a file can be empty.
        if (offset >= text.length && !isFinal) return { kind: 'incomplete' };
        continue;
      }
      if (code === carriageReturnCode) {
        if (offset + 1 >= text.length && !isFinal) return { kind: 'incomplete' };
        if (text.charCodeAt(offset + 1) === lineFeedCode) offset += 1;
      }
      return { kind: 'record', nextOffset: offset + 1, lineCount: lineCount + 1, cells };
    }
  }
}

/** Counts LF, CR LF and CR as one line end each, as the reader does. */
function countLineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let offset = from; offset < to; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === lineFeedCode || (code === carriageReturnCode && text.charCodeAt(offset + 1) !== lineFeedCode))
      count += 1;
  }
  return count;
}

/** The offset of the next line's first character; null if `text` ends before it. */
function findNextLineStart(text: string, from: number, isFinal: boolean): number | null {
  for (let offset = from; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === lineFeedCode) return offset + 1;
    if (code === carriageReturnCode) {
      if (offset + 1 >= text.length) return isFinal ? offset + 1 : null;
      return text.charCodeAt(offset + 1) === lineFeedCode ? offset + 2 : offset + 1;
    }
  }
  return null;
}
