/** Parsing of one JSON value, with its numbers as the decimal text that the file contains. */
import { createMessage } from '../../contract/index.ts';
import { toPlainDecimal } from '../providers/index.ts';
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
  if (!isObject(value)) return { kind: 'invalid', line, column, reason: createMessage('import.sessionNotObject') };
  return { kind: 'object', line, column, fields: value };
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

/** Leading whitespace and one token: a punctuation mark, a string, or a number or literal. */
const tokenPattern = new RegExp(
  [
    String.raw`[ \t\n\r]*(?:([{}[\],:])`,
    String.raw`("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")`,
    String.raw`(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))`,
  ].join('|'),
  'y',
);
const whitespacePattern = /[ \t\n\r]*/y;

/** The tokens that may follow. `nothing`: the value is complete. */
type ExpectedToken = 'value' | 'value_or_end' | 'key' | 'key_or_end' | 'colon' | 'comma_or_end' | 'nothing';

/**
 * The offset at which `text` stops being valid JSON, from 0; null if it is valid. The error of JSON.parse does not
 * always contain it. jsonc-parser finds the same errors, but its recursion fails in a deeply nested text.
 */
export function findJsonErrorOffset(text: string): number | null {
  const openBrackets: ('{' | '[')[] = [];
  let expected: ExpectedToken = 'value';
  let offset = 0;
  for (;;) {
    tokenPattern.lastIndex = offset;
    const [match, mark, string, literal] = tokenPattern.exec(text) ?? [];
    const start: number =
      match === undefined
        ? skipWhitespace(text, offset)
        : offset + match.length - (mark ?? string ?? literal ?? '').length;
    if (match === undefined) return start >= text.length && expected === 'nothing' ? null : start;
    const next: ExpectedToken | null = nextExpected(expected, mark ?? (string !== undefined ? '"' : '1'), openBrackets);
    if (next === null) return start;
    expected = next;
    offset += match.length;
  }
}

function skipWhitespace(text: string, from: number): number {
  whitespacePattern.lastIndex = from;
  return from + (whitespacePattern.exec(text)?.[0].length ?? 0);
}

/**
 * `token` is a punctuation mark, `"` for a string or `1` for a number or literal. Returns null if it is not expected.
 */
function nextExpected(expected: ExpectedToken, token: string, openBrackets: ('{' | '[')[]): ExpectedToken | null {
  const afterValue = (): ExpectedToken => (openBrackets.length === 0 ? 'nothing' : 'comma_or_end');
  const isValue = expected === 'value' || expected === 'value_or_end';
  if (token === '"' && (expected === 'key' || expected === 'key_or_end')) return 'colon';
  if (isValue && (token === '"' || token === '1')) return afterValue();
  if (isValue && (token === '{' || token === '[')) {
    openBrackets.push(token);
    return token === '{' ? 'key_or_end' : 'value_or_end';
  }
  if (token === ':') return expected === 'colon' ? 'value' : null;
  if (token === ',') return expected === 'comma_or_end' ? (openBrackets.at(-1) === '{' ? 'key' : 'value') : null;
  const mayEnd = expected === 'comma_or_end' || expected === (token === '}' ? 'key_or_end' : 'value_or_end');
  if ((token === '}' || token === ']') && mayEnd && openBrackets.at(-1) === (token === '}' ? '{' : '[')) {
    openBrackets.pop();
    return afterValue();
  }
  return null;
}
