import { parseObjectRecord } from './json-record.ts';
import { maxRecordLength, type ParsedRecord, type Position, type RecordReader } from './record-reader.ts';

/** JSON lines: an object a line, LF or CR LF; empty lines are passed over. */
export class JsonLinesReader implements RecordReader {
  #buffer = '';
  #line = 1;
  #isSkippingLine = false;

  push(text: string): ParsedRecord[] {
    this.#buffer += text;
    const items: ParsedRecord[] = [];
    let at = 0;
    for (let end = this.#buffer.indexOf('\n'); end !== -1; end = this.#buffer.indexOf('\n', at)) {
      this.#readLine(this.#buffer.slice(at, end), items);
      this.#isSkippingLine = false;
      this.#line += 1;
      at = end + 1;
    }
    this.#buffer = this.#buffer.slice(at);
    if (this.#buffer.length > maxRecordLength) {
      this.#readLine(this.#buffer, items);
      this.#isSkippingLine = true;
      this.#buffer = '';
    }
    return items;
  }

  end(): ParsedRecord[] {
    const items: ParsedRecord[] = [];
    this.#readLine(this.#buffer, items);
    this.#buffer = '';
    return items;
  }

  position(): Position {
    return { line: this.#line, column: null };
  }

  #readLine(text: string, items: ParsedRecord[]): void {
    if (this.#isSkippingLine || text.trim() === '') return;
    if (text.length > maxRecordLength) {
      const message =
        `This line is longer than ${maxRecordLength.toLocaleString('en')} characters. ` +
        'Check that each session is on a line of its own.';
      items.push({ kind: 'invalid', line: this.#line, column: 1, message });
      return;
    }
    items.push(parseObjectRecord(text, this.#line, 1));
  }
}
