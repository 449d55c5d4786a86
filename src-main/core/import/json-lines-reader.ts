import { createMessage } from '../../contract/index.ts';
import { parseObjectRecord } from './json-record.ts';
import { maxRecordLength, type ParsedRecord, type Position, type RecordReader } from './record-reader.ts';

/** Reads JSON Lines: one object per line, with LF or CR LF. Skips empty lines. */
export class JsonLinesReader implements RecordReader {
  #buffer = '';
  #line = 1;
  #isSkippingLine = false;

  push(text: string): ParsedRecord[] {
    this.#buffer += text;
    const records: ParsedRecord[] = [];
    let offset = 0;
    for (let end = this.#buffer.indexOf('\n'); end !== -1; end = this.#buffer.indexOf('\n', offset)) {
      this.#readLine(this.#buffer.slice(offset, end), records);
      this.#isSkippingLine = false;
      this.#line += 1;
      offset = end + 1;
    }
    this.#buffer = this.#buffer.slice(offset);
    if (this.#buffer.length > maxRecordLength) {
      this.#readLine(this.#buffer, records);
      this.#isSkippingLine = true;
      this.#buffer = '';
    }
    return records;
  }

  end(): ParsedRecord[] {
    const records: ParsedRecord[] = [];
    this.#readLine(this.#buffer, records);
    this.#buffer = '';
    return records;
  }

  position(): Position {
    return { line: this.#line, column: null };
  }

  #readLine(text: string, records: ParsedRecord[]): void {
    if (this.#isSkippingLine || text.trim() === '') return;
    if (text.length > maxRecordLength) {
      const reason = createMessage('import.jsonLineTooLong', { max: maxRecordLength });
      records.push({ kind: 'invalid', line: this.#line, column: 1, reason });
      return;
    }
    records.push(parseObjectRecord(text, this.#line, 1));
  }
}
