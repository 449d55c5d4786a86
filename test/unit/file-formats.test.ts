import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeFormulas, formatCsv, unescapeFormulas } from '../../src-main/core/file-formats.ts';
import { nonEmpty } from '../support/non-empty.ts';

/** Every cell that a spreadsheet with this separator could read, whatever it does with quotation marks. */
const possibleCells = (csv: string, separator: string): string[] =>
  csv.split(/\r\n|\r|\n/).flatMap((line) => line.split(separator).map((cell) => cell.replaceAll('"', '').trimStart()));

const arbitraryText = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom(...'=+-@\uFF1D\uFF0B\uFF0D\uFF20\'",;|\t\r\n x1'), maxLength: 12 }),
);

describe('CSV', () => {
  // Verifies F-05.
  it.each([
    ['=1+1', "'=1+1"],
    ['x;=1+1;y', "x;'=1+1;y"],
    ['a\n@SUM(A1)', "a\n'@SUM(A1)"],
    ['a\r\n+1', "a\r\n'+1"],
    ['a\t-1', "a\t'-1"],
    [' =1', " '=1"],
    ['"=1', '"\'=1'],
    ["'=1", "''=1"],
    ['\uFF1D1', "'\uFF1D1"],
    ['2026-11-21', '2026-11-21'],
    ['a=b', 'a=b'],
  ])('CSV: the formula sign in %j cannot start a cell', (text, escaped) => {
    expect(escapeFormulas(text)).toBe(escaped);
    expect(unescapeFormulas(escaped)).toBe(text);
  });

  // Verifies F-05.
  it('CSV: no text gives a cell with a formula in any locale, and every text can be read back', () => {
    fc.assert(
      fc.property(fc.array(fc.array(arbitraryText, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
        const csv = formatCsv(rows);
        for (const separator of [',', ';', '\t', '|'])
          expect(
            nonEmpty(possibleCells(csv, separator)).filter((cell) => /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell)),
          ).toEqual([]);
        const read = parse(csv, { relax_column_count: true, skip_empty_lines: false }) as string[][];
        expect(read.map((row) => row.map(unescapeFormulas))).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  // Verifies F-05.
  it('CSV: texts are in quotation marks, numbers and missing values are not', () => {
    expect(formatCsv([['a "b"', 1, null]])).toBe('"a ""b""",1,\r\n');
    expect(formatCsv([])).toBe('');
  });
});
