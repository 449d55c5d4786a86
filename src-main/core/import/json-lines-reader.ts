import { objectItem } from './json-record.ts';
import { longestRecord, type Item, type Place, type Reader } from './record-reader.ts';

/** JSON lines: an object a line, LF or CR LF; empty lines are passed over. */
export class JsonLinesReader implements Reader {
  #buffer = '';
  #line = 1;
  #skipping = false;

  push(text: string): Item[] {
    this.#buffer += text;
    const items: Item[] = [];
    let at = 0;
    for (let end = this.#buffer.indexOf('\n'); end !== -1; end = this.#buffer.indexOf('\n', at)) {
      this.#take(this.#buffer.slice(at, end), items);
      this.#skipping = false;
      this.#line += 1;
      at = end + 1;
    }
    this.#buffer = this.#buffer.slice(at);
    if (this.#buffer.length > longestRecord) {
      this.#take(this.#buffer, items);
      this.#skipping = true;
      this.#buffer = '';
    }
    return items;
  }

  end(): Item[] {
    const items: Item[] = [];
    this.#take(this.#buffer, items);
    this.#buffer = '';
    return items;
  }

  place(): Place {
    return { line: this.#line, column: null };
  }

  #take(text: string, items: Item[]): void {
    if (this.#skipping || text.trim() === '') return;
    if (text.length > longestRecord) {
      const message =
        `This line is longer than ${longestRecord.toLocaleString('en')} characters. ` +
        'Check that each session is on a line of its own.';
      items.push({ kind: 'bad', line: this.#line, column: 1, message });
      return;
    }
    items.push(objectItem(text, this.#line, 1));
  }
}
