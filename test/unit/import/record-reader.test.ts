import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader } from '../../../src-main/core/import/csv-reader.ts';
import { JsonArrayReader } from '../../../src-main/core/import/json-array-reader.ts';
import { findJsonErrorOffset } from '../../../src-main/core/import/json-error-offset.ts';
import { JsonLinesReader } from '../../../src-main/core/import/json-lines-reader.ts';
import { maxRecordLength, type ParsedRecord, type RecordReader } from '../../../src-main/core/import/record-reader.ts';
import { StreamTextDecoder } from '../../../src-main/core/import/text-decoder.ts';

function readAll(reader: RecordReader, pieces: readonly string[]): ParsedRecord[] {
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

/** Cuts of a text of any length: places from 0 to 1. */
const arbitraryCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function splitAt<Part extends { readonly length: number; slice(from: number, to: number): Part }>(
  whole: Part,
  positionsOf: readonly number[],
): Part[] {
  const ends = [...positionsOf.map((place) => Math.floor(place * whole.length)), whole.length].sort(
    (one, other) => one - other,
  );
  return ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end));
}

const cellsOf = (items: readonly ParsedRecord[]) => items.map((item) => (item.kind === 'row' ? item.cells : item));
const places = (items: readonly ParsedRecord[]) => items.map(({ kind, line, column }) => [kind, line, column]);
const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', '"', ',', ';', '\n', '\r', '\t', ' ', '1'),
  maxLength: 8,
});

describe('CSV', () => {
  it('reads back what a CSV writer has written, with any separator and line end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        arbitraryCuts,
        (table, separator, lineEnd, placesOfCuts) => {
          const text = stringify(table, { delimiter: separator, record_delimiter: lineEnd, quoted: true });
          expect(cellsOf(readAll(new CsvReader(separator), splitAt(text, placesOfCuts)))).toEqual(table);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same rows and the same bad lines however the text is cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é'), maxLength: 60 }),
        arbitraryCuts,
        (text, placesOfCuts) => {
          expect(readAll(new CsvReader(','), splitAt(text, placesOfCuts))).toEqual(readAll(new CsvReader(','), [text]));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('names a bad line and reads the next as if nothing had been', () => {
    const items = readAll(new CsvReader(','), ['id,a\n1,"x"y\n2,b\r\n3,"two\nlines"\n4,"open\n5,e\n']);
    expect(places(items)).toEqual([
      ['row', 1, 1],
      ['invalid', 2, 2],
      ['row', 3, 1],
      ['row', 4, 1],
      ['invalid', 6, 2],
      ['row', 7, 1],
    ]);
    expect(cellsOf(items)[3]).toEqual(['3', 'two\nlines']);
  });

  it('never holds more than a record: a quotation mark that nobody closes costs one line', () => {
    const reader = new CsvReader(',');
    const line = `${'x'.repeat(99)},y\n`;
    let [good, bad] = [0, 0];
    const count = (items: readonly ParsedRecord[]) =>
      items.forEach(({ kind }) => (kind === 'row' ? (good += 1) : (bad += 1)));
    count(reader.push('1,"open\n'));
    for (let index = 0; index < 5_000; index += 1) count(reader.push(line));
    count(reader.end());
    expect([good, bad]).toEqual([5_000, 1]);
  });

  it('passes over a line too long to be one, and goes on after it', () => {
    const items = readAll(new CsvReader(','), [
      'a,b\n',
      'x'.repeat(maxRecordLength),
      'x'.repeat(maxRecordLength),
      '\r',
      '\nc,d',
    ]);
    expect(places(items)).toEqual([
      ['row', 1, 1],
      ['invalid', 2, 1],
      ['row', 3, 1],
    ]);
  });
});

const json = fc.json({ maxDepth: 3 });
const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }), { maxLength: 6 });
const fieldsOf = (items: readonly ParsedRecord[]) => items.map((item) => (item.kind === 'object' ? item.fields : item));
/** Numbers come as the text they were written in. */
const parseLikeReader = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, part: unknown, context?: { source?: string }) =>
    typeof part === 'number' && /^-?\d+(\.\d+)?$/.test(context?.source ?? '') ? context?.source : part,
  );

describe('a JSON list', () => {
  it('is split into exactly the elements JSON.parse finds, however the text is cut', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 1, '\t'), arbitraryCuts, (list, indent, placesOfCuts) => {
        const text = JSON.stringify(list, null, indent);
        const items = readAll(new JsonArrayReader(), splitAt(text, placesOfCuts));
        expect(items.every(({ kind }) => kind === 'object')).toBe(true);
        expect(items).toHaveLength(list.length);
        expect(places(items)).toEqual(places(readAll(new JsonArrayReader(), [text])));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps every value but numbers as it is, and numbers as they were written', () => {
    fc.assert(
      fc.property(
        objects.filter((list) => !/e[+-]?\d|-0\b/i.test(JSON.stringify(list))),
        (list) => {
          expect(fieldsOf(readAll(new JsonArrayReader(), [JSON.stringify(list)]))).toEqual(parseLikeReader(list));
        },
      ),
      { numRuns: 500 },
    );
    expect(fieldsOf(readAll(new JsonArrayReader(), ['[{"amount": 65.10, "big": 12345678901234567890}]']))).toEqual([
      { amount: '65.10', big: '12345678901234567890' },
    ]);
  });

  it('is found inside an object, past other lists and values, however the text is cut', () => {
    fc.assert(
      fc.property(
        objects.filter(({ length }) => length > 0),
        json,
        fc.constantFrom(0, 2),
        arbitraryCuts,
        (list, other, indent, placesOfCuts) => {
          const value: unknown = JSON.parse(other);
          const before = Array.isArray(value) && typeof value[0] === 'object' ? null : value;
          const text = JSON.stringify(
            { before, none: [], 'a]"\\': '[{"no": 1}]', sessions: list, after: [{ other: true }] },
            null,
            indent,
          );
          expect(readAll(new JsonArrayReader(), splitAt(text, placesOfCuts)).map(({ kind }) => kind)).toEqual(
            list.map(() => 'object'),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('ends where it breaks off, with the elements before that', () => {
    fc.assert(
      fc.property(
        objects.filter(({ length }) => length > 0),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (list, share) => {
          const text = JSON.stringify(list);
          const items = readAll(new JsonArrayReader(), [text.slice(0, Math.max(1, Math.floor(text.length * share)))]);
          expect(items.at(-1)?.kind).toBe('fatal');
          expect(items.slice(0, -1).every(({ kind }) => kind === 'object')).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('names line and character of what is wrong', () => {
    const at = (text: string) => places(readAll(new JsonArrayReader(), [text]));
    expect(at('[{"id":"1"},\n {"id": oops},\n {"id":"3"}]')).toEqual([
      ['object', 1, 2],
      ['invalid', 2, 9],
      ['object', 3, 2],
    ]);
    expect(at('[{"id":"1"},\n 7]')).toEqual([
      ['object', 1, 2],
      ['invalid', 2, 2],
    ]);
    expect(at('[{"id":"1"}\n {"id":"2"}]')).toEqual([
      ['object', 1, 2],
      ['fatal', 2, 2],
    ]);
    expect(at('[{"id":"1"},]')).toEqual([
      ['object', 1, 2],
      ['fatal', 1, 13],
    ]);
    expect(at('[{"id":"1"}] x')).toEqual([
      ['object', 1, 2],
      ['fatal', 1, 14],
    ]);
    expect(at('{"sessions": 3}')).toEqual([['fatal', 1, 16]]);
    expect(at('"text"')).toEqual([['fatal', 1, 1]]);
    expect(at(`[{"id":"${'x'.repeat(maxRecordLength)}"}]`)).toEqual([['fatal', 1, 2]]);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '\\', '1', ' ', '\n', 'a') }),
        arbitraryCuts,
        (text, placesOfCuts) => {
          expect(readAll(new JsonArrayReader(), splitAt(text, placesOfCuts))).toEqual(
            readAll(new JsonArrayReader(), [text]),
          );
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('the place of a fault', () => {
  it('is found exactly where JSON.parse finds one', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', '-', 'true', ' ', '\\', 'u00e9'),
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(text, fc.nat(), fc.constantFrom('', ',', '"', '}', 'x', '\n'), (whole, place, intruder) => {
        const broken = whole.slice(0, place % (whole.length + 1)) + intruder + whole.slice(place % (whole.length + 1));
        let fits = true;
        try {
          JSON.parse(broken);
        } catch {
          fits = false;
        }
        expect(findJsonErrorOffset(broken) === null).toBe(fits);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('JSON lines', () => {
  it('are objects, one a line, however the text is cut', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom('\n', '\r\n', '\n\n'), arbitraryCuts, (list, lineEnd, placesOfCuts) => {
        const text = list.map((each) => JSON.stringify(each)).join(lineEnd);
        expect(readAll(new JsonLinesReader(), splitAt(text, placesOfCuts)).map(({ kind }) => kind)).toEqual(
          list.map(() => 'object'),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('name a bad line by line and character, and go on after it', () => {
    const items = readAll(new JsonLinesReader(), [
      `{"id":"1"}\n{"id":}\n\n${'x'.repeat(maxRecordLength + 1)}`,
      '\n{"id":"5"}',
    ]);
    expect(places(items)).toEqual([
      ['object', 1, 1],
      ['invalid', 2, 7],
      ['invalid', 4, 1],
      ['object', 5, 1],
    ]);
  });
});

describe('bytes', () => {
  const encoded = (text: string, encoding: 'utf-8' | 'utf-16le' | 'utf-16be', mark: boolean): Buffer => {
    const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, encoding === 'utf-8' ? 'utf8' : 'utf16le');
    return encoding === 'utf-16be' ? bytes.swap16() : bytes;
  };
  const decode = (pieces: readonly Uint8Array[]) => {
    const decoding = new StreamTextDecoder();
    const parts = [...pieces.map((piece) => decoding.push(piece)), decoding.end()];
    return {
      text: parts.map(({ text }) => text).join(''),
      broken: parts.some(({ decodeError }) => decodeError !== null),
    };
  };
  const text = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((value) => !value.includes('\0') && !value.startsWith('\uFEFF'));

  it('become the same text however they are cut, in UTF-8 and, by its mark, UTF-16', () => {
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
        fc.boolean(),
        arbitraryCuts,
        (value, encoding, mark, placesOfCuts) => {
          const written = Buffer.from(value).toString();
          const bytes = encoded(written, encoding, mark || encoding !== 'utf-8');
          expect(decode(splitAt(new Uint8Array(bytes), placesOfCuts))).toEqual({ text: written, broken: false });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('that are no text are told apart, with what came before them', () => {
    expect(decode([Buffer.from('id\nabc'), Buffer.from([0xc3, 0x28]), Buffer.from('more')])).toEqual({
      text: 'id\nabc',
      broken: true,
    });
    expect(decode([Buffer.from('id\n\0')])).toEqual({ text: 'id\n', broken: true });
    expect(decode([Buffer.from('PK\x03\x04rest')])).toEqual({ text: '', broken: true });
    expect(decode([Buffer.from([0x41])])).toEqual({ text: 'A', broken: false });
  });
});
