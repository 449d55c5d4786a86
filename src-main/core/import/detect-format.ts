/** What the head of a file tells before any line is taken: its format, its separator, its columns. */
import type { ImportFormat, ImportReading } from '../../contract/index.ts';
import { CsvReader } from './csv-reader.ts';
import { JsonArrayReader } from './json-array-reader.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import type { Item, Reader } from './record-reader.ts';

/** In characters: how much of a file is looked at. Always the same, so that any cutting of a file is read alike. */
export const headLength = 65_536;
const mostColumns = 500;

export interface Survey {
  readonly format: ImportFormat;
  readonly separator: string | null;
  readonly columns: readonly string[];
  readonly fault: { readonly line: number; readonly column: number | null; readonly message: string } | null;
}

/** `head` is the first `headLength` characters, or the whole text where `complete`. */
export function survey(head: string, complete: boolean, reading: Pick<ImportReading, 'format' | 'separator'>): Survey {
  const format = reading.format ?? formatOf(head);
  if (format !== 'csv') return { format, separator: null, ...jsonColumns(sample(format, null, head, complete)) };
  const separator = reading.separator ?? separatorOf(head);
  const [first] = sample('csv', separator, head, complete);
  if (first?.kind === 'row') return { format, separator, ...headerColumns(first.cells) };
  const wide = head.length >= headLength && separatorsIn(head, separator) > mostColumns;
  const empty = head.trim() === '' ? 'The file is empty.' : longHeader;
  const message = first?.kind === 'bad' ? first.message : wide ? tooManyColumns : empty;
  const column = wide ? mostColumns + 1 : (first?.column ?? null);
  return { format, separator, columns: [], fault: { line: first?.line ?? 1, column, message } };
}

export function readerFor({ format, separator }: Pick<Survey, 'format' | 'separator'>): Reader {
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

const longHeader = 'The first line, with the names of the columns, is too long. Check that the file has line breaks.';
const tooManyColumns =
  `The file has more than ${mostColumns} columns. ` +
  'Check that this is its separator, or export the columns of a session alone.';

function headerColumns(cells: readonly string[]): Pick<Survey, 'columns' | 'fault'> {
  if (cells.length > mostColumns)
    return { columns: [], fault: { line: 1, column: mostColumns + 1, message: tooManyColumns } };
  return { columns: columnNames(cells), fault: null };
}

function sample(format: ImportFormat, separator: string | null, head: string, complete: boolean): Item[] {
  const reader = readerFor({ format, separator });
  return [...reader.push(head), ...(complete ? reader.end() : [])];
}

/** A file that begins with `{` is one object with a list in it, or an object a line: what follows the first object tells. */
function formatOf(head: string): ImportFormat {
  const begin = head.trimStart();
  if (begin.startsWith('[')) return 'json';
  if (!begin.startsWith('{')) return 'csv';
  const end = endOfObject(begin);
  const holdsList = /[:,]\s*\[\s*[\]{]/.test(begin.slice(0, end));
  return begin.slice(end).trim() === '' && holdsList ? 'json' : 'json_lines';
}

/** Where the object at the beginning ends; the end of the text where it does not. */
function endOfObject(text: string): number {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (mark === '{' || mark === '[') depth += 1;
    else if (mark === '}' || mark === ']') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

/** The separator that the first line has most of, outside quotes. */
function separatorOf(head: string): string {
  const counts = [',', ';', '\t', '|'].map((separator) => ({ separator, count: separatorsIn(head, separator) }));
  return counts.reduce((best, other) => (other.count > best.count ? other : best)).separator;
}

function separatorsIn(head: string, separator: string): number {
  let quoted = false;
  let count = 0;
  for (const character of head) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && character === separator) count += 1;
  }
  return count;
}

function jsonColumns(items: readonly Item[]): Pick<Survey, 'columns' | 'fault'> {
  const columns = new Set<string>();
  for (const item of items) {
    if (item.kind === 'object') addKeys(item.fields, '', columns);
    if (columns.size > mostColumns) {
      const message = `The sessions have more than ${mostColumns} keys. Export the facts of a session alone.`;
      return { columns: [], fault: { line: item.line, column: item.column, message } };
    }
  }
  const [first] = items;
  if (columns.size > 0 || !first || first.kind === 'row' || first.kind === 'object')
    return { columns: [...columns], fault: null };
  return { columns: [], fault: { line: first.line, column: first.column, message: first.message } };
}

/** Every key that an object of these has, in the order they first appear. */
export function keysOf(objects: readonly Readonly<Record<string, unknown>>[]): string[] {
  const columns = new Set<string>();
  for (const fields of objects) if (columns.size <= mostColumns) addKeys(fields, '', columns);
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
