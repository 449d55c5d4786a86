/** What the head of a file tells before any line is taken: its format, its separator, its columns. */
import type { ImportFormat, ImportParseOptions } from '../../contract/index.ts';
import { CsvReader } from './csv-reader.ts';
import { JsonArrayReader } from './json-array-reader.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import type { ParsedRecord, RecordReader } from './record-reader.ts';

/** In characters: how much of a file is looked at. Always the same, so that any cutting of a file is read alike. */
export const headLength = 65_536;
const maxColumns = 500;

export interface DetectedFormat {
  readonly format: ImportFormat;
  readonly separator: string | null;
  readonly columns: readonly string[];
  readonly fault: { readonly line: number; readonly column: number | null; readonly message: string } | null;
}

/** `head` is the first `headLength` characters, or the whole text where `complete`. */
export function detectFormat(
  head: string,
  complete: boolean,
  parseOptions: Pick<ImportParseOptions, 'format' | 'separator'>,
): DetectedFormat {
  const format = parseOptions.format ?? guessFormat(head);
  if (format !== 'csv')
    return { format, separator: null, ...columnsFromJson(readSample(format, null, head, complete)) };
  const separator = parseOptions.separator ?? guessSeparator(head);
  const [first] = readSample('csv', separator, head, complete);
  if (first?.kind === 'row') return { format, separator, ...columnsFromHeader(first.cells) };
  const wide = head.length >= headLength && countSeparators(head, separator) > maxColumns;
  const empty = head.trim() === '' ? 'The file is empty.' : headerTooLongMessage;
  const message = first?.kind === 'invalid' ? first.message : wide ? tooManyColumnsMessage : empty;
  const column = wide ? maxColumns + 1 : (first?.column ?? null);
  return { format, separator, columns: [], fault: { line: first?.line ?? 1, column, message } };
}

export function createReader({ format, separator }: Pick<DetectedFormat, 'format' | 'separator'>): RecordReader {
  switch (format) {
    case 'csv':
      return new CsvReader(separator ?? ',');
    case 'json':
      return new JsonArrayReader();
    case 'json_lines':
      return new JsonLinesReader();
  }
}

/** The names as the header has them, an empty one by its number. */
export function columnNames(cells: readonly string[]): string[] {
  return cells.map((cell, index) => cell.trim() || `column ${index + 1}`);
}

const headerTooLongMessage =
  'The first line, with the names of the columns, is too long. Check that the file has line breaks.';
const tooManyColumnsMessage =
  `The file has more than ${maxColumns} columns. ` +
  'Check that this is its separator, or export the columns of a session alone.';

function columnsFromHeader(cells: readonly string[]): Pick<DetectedFormat, 'columns' | 'fault'> {
  if (cells.length > maxColumns)
    return { columns: [], fault: { line: 1, column: maxColumns + 1, message: tooManyColumnsMessage } };
  return { columns: columnNames(cells), fault: null };
}

function readSample(format: ImportFormat, separator: string | null, head: string, complete: boolean): ParsedRecord[] {
  const reader = createReader({ format, separator });
  return [...reader.push(head), ...(complete ? reader.end() : [])];
}

/** A file that begins with `{` is one object with a list in it, or an object a line: what follows the first object tells. */
function guessFormat(head: string): ImportFormat {
  const begin = head.trimStart();
  if (begin.startsWith('[')) return 'json';
  if (!begin.startsWith('{')) return 'csv';
  const end = findObjectEnd(begin);
  const holdsList = /[:,]\s*\[\s*[\]{]/.test(begin.slice(0, end));
  return begin.slice(end).trim() === '' && holdsList ? 'json' : 'json_lines';
}

/** Where the object at the beginning ends; the end of the text where it does not. */
function findObjectEnd(text: string): number {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (mark === '{' || mark === '[') depth += 1;
    else if (mark === '}' || mark === ']') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

/** The separator that the first line has most of, outside quotes. */
function guessSeparator(head: string): string {
  const counts = [',', ';', '\t', '|'].map((separator) => ({ separator, count: countSeparators(head, separator) }));
  return counts.reduce((best, other) => (other.count > best.count ? other : best)).separator;
}

function countSeparators(head: string, separator: string): number {
  let quoted = false;
  let count = 0;
  for (const character of head) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && character === separator) count += 1;
  }
  return count;
}

function columnsFromJson(items: readonly ParsedRecord[]): Pick<DetectedFormat, 'columns' | 'fault'> {
  const columns = new Set<string>();
  for (const item of items) {
    if (item.kind === 'object') addKeys(item.fields, '', columns);
    if (columns.size > maxColumns) {
      const message = `The sessions have more than ${maxColumns} keys. Export the facts of a session alone.`;
      return { columns: [], fault: { line: item.line, column: item.column, message } };
    }
  }
  const [first] = items;
  if (columns.size > 0 || !first || first.kind === 'row' || first.kind === 'object')
    return { columns: [...columns], fault: null };
  return { columns: [], fault: { line: first.line, column: first.column, message: first.message } };
}

/** Every key that an object of these has, in the order they first appear. */
export function collectKeys(objects: readonly Readonly<Record<string, unknown>>[]): string[] {
  const columns = new Set<string>();
  for (const fields of objects) if (columns.size <= maxColumns) addKeys(fields, '', columns);
  return [...columns];
}

/** Keys of plain values, those inside another object as `a.b`. */
function addKeys(fields: Readonly<Record<string, unknown>>, prefix: string, columns: Set<string>): void {
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value !== 'object' || value === null) columns.add(`${prefix}${key}`);
    else if (!Array.isArray(value) && prefix.split('.').length < 3)
      addKeys(value as Record<string, unknown>, `${prefix}${key}.`, columns);
  }
}
