/** Parsing of one JSON value, with its numbers as the decimal text that the file contains. */
import { createMessage } from '../../contract/index.ts';
import { toPlainDecimal } from '../providers/index.ts';
import { findJsonErrorOffset } from './json-error-offset.ts';
import type { ParsedRecord } from './record-reader.ts';

/** `line` and `column` are where the value starts in the file, from 1. */
export function parseObjectRecord(text: string, line: number, column: number): ParsedRecord {
  const value = parseJsonExact(text);
  if (value === undefined) {
    return {
      kind: 'invalid',
      ...locateJsonError(text, line, column),
      reason: createMessage('import.jsonInvalid'),
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', line, column, reason: createMessage('import.sessionNotObject') };
  }
  return { kind: 'object', line, column, fields: value as Record<string, unknown> };
}

/** Parses JSON with its numbers as decimal text. Returns undefined if `text` is not valid JSON. */
export function parseJsonExact(text: string): unknown {
  try {
    return JSON.parse(text, (_key, part: unknown, context?: { readonly source?: string }) =>
      typeof part === 'number' ? (toPlainDecimal(context?.source ?? String(part)) ?? part) : part,
    ) as unknown;
  } catch {
    return undefined;
  }
}

/** The position in the file where the value is invalid; the start of the value if JSON.parse rejects only its depth. */
function locateJsonError(text: string, line: number, column: number): { line: number; column: number } {
  const linesBeforeError = text.slice(0, findJsonErrorOffset(text) ?? 0).split('\n');
  const lastLine = linesBeforeError.at(-1) ?? '';
  return linesBeforeError.length === 1
    ? { line, column: column + lastLine.length }
    : { line: line + linesBeforeError.length - 1, column: lastLine.length + 1 };
}
