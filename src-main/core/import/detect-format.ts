/** Detection of format, separator and columns from the head of a file. */
import { createMessage, type ImportFormat, type ImportParseOptions, type Message } from '../../contract/index.ts';
import { CsvReader } from './csv-reader.ts';
import { JsonArrayReader, JsonLinesReader } from './json-readers.ts';
import type { ParsedRecord, RecordReader } from './record-reader.ts';

/** In characters. Always the same length, so that the result does not depend on the chunks in which a file arrives. */
export const headLength = 65_536;
const maxColumns = 500;

export interface DetectedFormat {
  readonly format: ImportFormat;
  readonly separator: string | null;
  readonly columns: string[];
  /** Why the file cannot be read; null if it can. */
  readonly error: { readonly line: number; readonly column: number | null; readonly reason: Message } | null;
}

/**
 * `head` is the first `headLength` characters, or the entire text if `isComplete`. `parseOptions` override the
 * detection.
 */
export function detectFormat(
  head: string,
  isComplete: boolean,
  parseOptions: Pick<ImportParseOptions, 'format' | 'separator'>,
): DetectedFormat {
  const format = parseOptions.format ?? guessFormat(head);
  if (format !== 'csv')
    return { format, separator: null, ...columnsFromJson(readSample(format, null, head, isComplete)) };
  const separator = parseOptions.separator ?? guessSeparator(head);
  const [first] = readSample('csv', separator, head, isComplete);
  if (first?.kind === 'row') return { format, separator, ...columnsFromHeader(first.cells) };
  const hasTooManyColumns = head.length >= headLength && countSeparators(head, separator) > maxColumns;
  const reason =
    first?.kind === 'invalid'
      ? first.reason
      : hasTooManyColumns
        ? createMessage('import.tooManyColumns', { max: maxColumns })
        : createMessage(head.trim() === '' ? 'import.fileEmpty' : 'import.headerTooLong');
  const column = hasTooManyColumns ? maxColumns + 1 : (first?.column ?? null);
  return { format, separator, columns: [], error: { line: first?.line ?? 1, column, reason } };
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

/** The names of the header; an empty name becomes `column N`. */
export function columnNames(cells: readonly string[]): string[] {
  return cells.map((cell, index) => cell.trim() || `column ${index + 1}`);
}

function columnsFromHeader(cells: readonly string[]): Pick<DetectedFormat, 'columns' | 'error'> {
  if (cells.length > maxColumns) {
    const reason = createMessage('import.tooManyColumns', { max: maxColumns });
    return { columns: [], error: { line: 1, column: maxColumns + 1, reason } };
  }
  return { columns: columnNames(cells), error: null };
}

function readSample(format: ImportFormat, separator: string | null, head: string, isComplete: boolean): ParsedRecord[] {
  const reader = createReader({ format, separator });
  return [...reader.push(head), ...(isComplete ? reader.end() : [])];
}

/**
 * A file that starts with `{` is either one object that contains a list (`json`) or one object per line (`json_lines`).
 * It is `json` if nothing follows the first object and that object contains a list of objects or an empty list.
 */
function guessFormat(head: string): ImportFormat {
  const text = head.trimStart();
  if (text.startsWith('[')) return 'json';
  if (!text.startsWith('{')) return 'csv';
  const end = findObjectEnd(text);
  const hasList = /[:,]\s*\[\s*[\]{]/.test(text.slice(0, end));
  return text.slice(end).trim() === '' && hasList ? 'json' : 'json_lines';
}

/**
 * The offset after the object at the start of `text`; the length of `text` if the object does not end. A text that does
 * not end counts as one token, so that the time grows with the length only.
 */
function findObjectEnd(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

/** The most frequent separator in the first line, outside quotation marks. */
function guessSeparator(head: string): string {
  const counts = [',', ';', '\t', '|'].map((separator) => ({ separator, count: countSeparators(head, separator) }));
  return counts.reduce((best, candidate) => (candidate.count > best.count ? candidate : best)).separator;
}

function countSeparators(head: string, separator: string): number {
  let isQuoted = false;
  let count = 0;
  for (const character of head) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) break;
    else if (!isQuoted && character === separator) count += 1;
  }
  return count;
}

function columnsFromJson(records: readonly ParsedRecord[]): Pick<DetectedFormat, 'columns' | 'error'> {
  const columns = new Set<string>();
  for (const record of records) {
    if (record.kind === 'object') addKeys(record.fields, '', columns);
    if (columns.size > maxColumns) {
      const reason = createMessage('import.tooManyKeys', { max: maxColumns });
      return { columns: [], error: { line: record.line, column: record.column, reason } };
    }
  }
  const [first] = records;
  if (columns.size > 0 || !first || first.kind === 'row' || first.kind === 'object')
    return { columns: [...columns], error: null };
  return { columns: [], error: { line: first.line, column: first.column, reason: first.reason } };
}

/** All keys of the objects, in the order of their first appearance. Stops after `maxColumns` keys. */
export function collectKeys(objects: readonly Readonly<Record<string, unknown>>[]): string[] {
  const columns = new Set<string>();
  for (const fields of objects) if (columns.size <= maxColumns) addKeys(fields, '', columns);
  return [...columns];
}

/** Adds the keys of plain values to `columns`; a key of a nested object gets the form `a.b`. */
function addKeys(fields: Readonly<Record<string, unknown>>, prefix: string, columns: Set<string>): void {
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value !== 'object' || value === null) columns.add(`${prefix}${key}`);
    else if (!Array.isArray(value) && prefix.split('.').length < 3)
      addKeys(value as Record<string, unknown>, `${prefix}${key}.`, columns);
  }
}
