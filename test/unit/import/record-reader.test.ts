import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader } from '../../../src-main/core/import/csv-reader.ts';
import { JsonArrayReader, JsonLinesReader } from '../../../src-main/core/import/json-readers.ts';
import { findJsonErrorOffset } from '../../../src-main/core/import/json-record.ts';
import { maxRecordLength, type ParsedRecord, type RecordReader } from '../../../src-main/core/import/record-reader.ts';
import { StreamTextDecoder } from '../../../src-main/core/import/text-decoder.ts';

function readAll(reader: RecordReader, chunks: readonly string[]): ParsedRecord[] {
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

/** Positions at which a text is split, from 0 (its start) to 1 (its end). */
const arbitrarySplits = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function splitAt<Sequence extends { readonly length: number; slice(from: number, to: number): Sequence }>(
  sequence: Sequence,
  splits: readonly number[],
): Sequence[] {
  const ends = [...splits.map((split) => Math.floor(split * sequence.length)), sequence.length].sort(
    (left, right) => left - right,
  );
  return ends.map((end, index) => sequence.slice(ends[index - 1] ?? 0, end));
}

const cellsOf = (records: readonly ParsedRecord[]) =>
  records.map((record) => (record.kind === 'row' ? record.cells : record));
const positionsOf = (records: readonly ParsedRecord[]) => records.map(({ kind, line, column }) => [kind, line, column]);
const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', '"', ',', ';', '\n', '\r', '\t', ' ', '1'),
  maxLength: 8,
});

describe('CsvReader', () => {
  it('push: reads what csv-stringify writes, with any separator and line end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        arbitrarySplits,
        (table, separator, lineEnd, splits) => {
          const text = stringify(table, { delimiter: separator, record_delimiter: lineEnd, quoted: true });
          expect(cellsOf(readAll(new CsvReader(separator), splitAt(text, splits)))).toEqual(table);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('push: rows and invalid records do not depend on how the text is split', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é'), maxLength: 60 }),
        arbitrarySplits,
        (text, splits) => {
          expect(readAll(new CsvReader(','), splitAt(text, splits))).toEqual(readAll(new CsvReader(','), [text]));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('push: an invalid line is reported and the next line is read', () => {
    const records = readAll(new CsvReader(','), ['id,a\n1,"x"y\n2,b\r\n3,"two\nlines"\n4,"open\n5,e\n']);
    expect(positionsOf(records)).toEqual([
      ['row', 1, 1],
      ['invalid', 2, 2],
      ['row', 3, 1],
      ['row', 4, 1],
      ['invalid', 6, 2],
      ['row', 7, 1],
    ]);
    expect(cellsOf(records)[3]).toEqual(['3', 'two\nlines']);
  });

  it('push: an unclosed quotation mark makes one line invalid and does not grow the buffer', () => {
    const reader = new CsvReader(',');
    const line = `${'x'.repeat(99)},y\n`;
    let [rowCount, invalidCount] = [0, 0];
    const count = (records: readonly ParsedRecord[]) =>
      records.forEach(({ kind }) => (kind === 'row' ? (rowCount += 1) : (invalidCount += 1)));
    count(reader.push('1,"open\n'));
    for (let index = 0; index < 5_000; index += 1) count(reader.push(line));
    count(reader.end());
    expect([rowCount, invalidCount]).toEqual([5_000, 1]);
  });

  it('push: a line longer than the limit is invalid and the next line is read', () => {
    const records = readAll(new CsvReader(','), [
      'a,b\n',
      'x'.repeat(maxRecordLength),
      'x'.repeat(maxRecordLength),
      '\r',
      '\nc,d',
    ]);
    expect(positionsOf(records)).toEqual([
      ['row', 1, 1],
      ['invalid', 2, 1],
      ['row', 3, 1],
    ]);
  });
});

const json = fc.json({ maxDepth: 3 });
const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }), { maxLength: 6 });
const fieldsOf = (records: readonly ParsedRecord[]) =>
  records.map((item) => (item.kind === 'object' ? item.fields : item));
/** Replaces each plain number by its text, as the readers do. */
const parseLikeReader = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, member: unknown, context?: { source?: string }) =>
    typeof member === 'number' && /^-?\d+(\.\d+)?$/.test(context?.source ?? '') ? context?.source : member,
  );

describe('JsonArrayReader', () => {
  it('push: returns one record per element of the array, however the text is split', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 1, '\t'), arbitrarySplits, (list, indent, splits) => {
        const text = JSON.stringify(list, null, indent);
        const records = readAll(new JsonArrayReader(), splitAt(text, splits));
        expect(records.map(({ kind }) => kind)).toEqual(list.map(() => 'object'));
        expect(positionsOf(records)).toEqual(positionsOf(readAll(new JsonArrayReader(), [text])));
      }),
      { numRuns: 1_000 },
    );
  });

  it('push: numbers become their text and other values stay as they are', () => {
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

  it('push: finds the list inside an object, after other lists and values, however the text is split', () => {
    fc.assert(
      fc.property(
        objects.filter(({ length }) => length > 0),
        json,
        fc.constantFrom(0, 2),
        arbitrarySplits,
        (list, otherJson, indent, splits) => {
          const value: unknown = JSON.parse(otherJson);
          const before = Array.isArray(value) && typeof value[0] === 'object' ? null : value;
          const text = JSON.stringify(
            { before, none: [], 'a]"\\': '[{"no": 1}]', sessions: list, after: [{ other: true }] },
            null,
            indent,
          );
          expect(readAll(new JsonArrayReader(), splitAt(text, splits)).map(({ kind }) => kind)).toEqual(
            list.map(() => 'object'),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('end: a truncated list is fatal, after the complete elements before its end', () => {
    fc.assert(
      fc.property(
        objects.filter(({ length }) => length > 0),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (list, share) => {
          const text = JSON.stringify(list);
          const records = readAll(new JsonArrayReader(), [text.slice(0, Math.max(1, Math.floor(text.length * share)))]);
          expect(records.map(({ kind }) => kind)).toEqual([...records.slice(1).map(() => 'object'), 'fatal']);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('push: invalid and fatal records have the line and column of the problem', () => {
    const positionsIn = (text: string) => positionsOf(readAll(new JsonArrayReader(), [text]));
    expect(positionsIn('[{"id":"1"},\n {"id": oops},\n {"id":"3"}]')).toEqual([
      ['object', 1, 2],
      ['invalid', 2, 9],
      ['object', 3, 2],
    ]);
    expect(positionsIn('[{"id":"1"},\n 7]')).toEqual([
      ['object', 1, 2],
      ['invalid', 2, 2],
    ]);
    expect(positionsIn('[{"id":"1"}\n {"id":"2"}]')).toEqual([
      ['object', 1, 2],
      ['fatal', 2, 2],
    ]);
    expect(positionsIn('[{"id":"1"},]')).toEqual([
      ['object', 1, 2],
      ['fatal', 1, 13],
    ]);
    expect(positionsIn('[{"id":"1"}] x')).toEqual([
      ['object', 1, 2],
      ['fatal', 1, 14],
    ]);
    expect(positionsIn('{"sessions": 3}')).toEqual([['fatal', 1, 16]]);
    expect(positionsIn('"text"')).toEqual([['fatal', 1, 1]]);
    expect(positionsIn(`[{"id":"${'x'.repeat(maxRecordLength)}"}]`)).toEqual([['fatal', 1, 2]]);
  });

  it('push: any text gives the same records however it is split', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '\\', '1', ' ', '\n', 'a') }),
        arbitrarySplits,
        (text, splits) => {
          expect(readAll(new JsonArrayReader(), splitAt(text, splits))).toEqual(readAll(new JsonArrayReader(), [text]));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('findJsonErrorOffset', () => {
  it('returns an offset exactly for the texts that JSON.parse rejects', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', '-', 'true', ' ', '\\', 'u00e9'),
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(text, fc.nat(), fc.constantFrom('', ',', '"', '}', 'x', '\n'), (base, position, inserted) => {
        const offset = position % (base.length + 1);
        const candidate = base.slice(0, offset) + inserted + base.slice(offset);
        let isValid = true;
        try {
          JSON.parse(candidate);
        } catch {
          isValid = false;
        }
        expect(findJsonErrorOffset(candidate) === null).toBe(isValid);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('JsonLinesReader', () => {
  it('push: returns one object per line, however the text is split', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom('\n', '\r\n', '\n\n'), arbitrarySplits, (list, lineEnd, splits) => {
        const text = list.map((object) => JSON.stringify(object)).join(lineEnd);
        expect(readAll(new JsonLinesReader(), splitAt(text, splits)).map(({ kind }) => kind)).toEqual(
          list.map(() => 'object'),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('push: an invalid line is reported with line and column, and the next line is read', () => {
    const records = readAll(new JsonLinesReader(), [
      `{"id":"1"}\n{"id":}\n\n${'x'.repeat(maxRecordLength + 1)}`,
      '\n{"id":"5"}',
    ]);
    expect(positionsOf(records)).toEqual([
      ['object', 1, 1],
      ['invalid', 2, 7],
      ['invalid', 4, 1],
      ['object', 5, 1],
    ]);
  });
});

describe('StreamTextDecoder', () => {
  const encode = (text: string, encoding: 'utf-8' | 'utf-16le' | 'utf-16be', withByteOrderMark: boolean): Buffer => {
    const bytes = Buffer.from(`${withByteOrderMark ? '\uFEFF' : ''}${text}`, encoding === 'utf-8' ? 'utf8' : 'utf16le');
    return encoding === 'utf-16be' ? bytes.swap16() : bytes;
  };
  const decode = (chunks: readonly Uint8Array[]) => {
    const decoder = new StreamTextDecoder();
    const results = [...chunks.map((chunk) => decoder.push(chunk)), decoder.end()];
    return {
      text: results.map(({ text }) => text).join(''),
      hasError: results.some(({ decodeError }) => decodeError !== null),
    };
  };
  const text = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((value) => !value.includes('\0') && !value.startsWith('\uFEFF'));

  it('push: UTF-8, and UTF-16 with a byte order mark, give the same text however the bytes are split', () => {
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'),
        fc.boolean(),
        arbitrarySplits,
        (value, encoding, withByteOrderMark, splits) => {
          const expected = Buffer.from(value).toString();
          const bytes = encode(expected, encoding, withByteOrderMark || encoding !== 'utf-8');
          expect(decode(splitAt(new Uint8Array(bytes), splits))).toEqual({ text: expected, hasError: false });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('push: bytes that are not text are an error, after the text before them', () => {
    expect(decode([Buffer.from('id\nabc'), Buffer.from([0xc3, 0x28]), Buffer.from('more')])).toEqual({
      text: 'id\nabc',
      hasError: true,
    });
    expect(decode([Buffer.from('id\n\0')])).toEqual({ text: 'id\n', hasError: true });
    expect(decode([Buffer.from('PK\x03\x04rest')])).toEqual({ text: '', hasError: true });
    expect(decode([Buffer.from([0x41])])).toEqual({ text: 'A', hasError: false });
  });
});
