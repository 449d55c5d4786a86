/** One JSON value of a file as a row: an object, its numbers as the decimal text they were written in. */
import { toPlainDecimal } from '../providers/index.ts';
import { findJsonErrorOffset } from './json-error-offset.ts';
import type { ParsedRecord } from './record-reader.ts';

/** `line` and `column` are where the value begins. */
export function parseObjectRecord(text: string, line: number, column: number): ParsedRecord {
  const value = parseJsonExact(text);
  if (value === undefined) {
    return {
      kind: 'invalid',
      ...locateJsonError(text, line, column),
      message: 'This is not valid JSON. Correct it, or leave the line out.',
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', line, column, message: 'A session is written as an object, { … }, and this is none.' };
  }
  return { kind: 'object', line, column, fields: value as Record<string, unknown> };
}

/** Any JSON with its numbers as decimal text; undefined for what is none. */
export function parseJsonExact(text: string): unknown {
  try {
    return JSON.parse(text, (_key, part: unknown, context?: { readonly source?: string }) =>
      typeof part === 'number' ? (toPlainDecimal(context?.source ?? String(part)) ?? part) : part,
    ) as unknown;
  } catch {
    return undefined;
  }
}

/** Where in the file the value stops being JSON; its own place where it nests too deep to be read. */
function locateJsonError(text: string, line: number, column: number): { line: number; column: number } {
  const before = text.slice(0, findJsonErrorOffset(text) ?? 0).split('\n');
  const last = before.at(-1) ?? '';
  return before.length === 1
    ? { line, column: column + last.length }
    : { line: line + before.length - 1, column: last.length + 1 };
}
