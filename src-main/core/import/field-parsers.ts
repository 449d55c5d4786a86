/** Reads one value of a line. What has two readings, or none, is refused with the reading it would need; nothing is guessed. */
import type { ImportParseOptions } from '../../contract/index.ts';

export type ParseResult<Value> =
  | { readonly ok: true; readonly value: Value; readonly warning?: string }
  | { readonly ok: false; readonly message: string; readonly suggestion?: string };

const maxTextLength = 200;
const knownCurrencies = new Set(Intl.supportedValuesOf('currency'));
/** Clocks differ; a time further ahead than this is a slip. */
const clockToleranceMs = 10 * 60_000;

/** An id as it stands. One between spaces or inside a URL is offered, never taken (providers.md contradictions 23 and 24). */
export function parseId(text: string): ParseResult<string> {
  if (text === '') return parseFailure('The session id is missing.');
  const suggestion = suggestId(text);
  if (suggestion !== null) {
    return parseFailure(
      /^\S+$/.test(text)
        ? 'A URL stands where the session id belongs. If the id offered is the right one, write it alone.'
        : 'The session id has spaces in it or around it. If the id offered is the right one, write it alone.',
      suggestion,
    );
  }
  if (/\s/.test(text)) return parseFailure('The session id has spaces in it. Write the id alone.');
  if (/[\p{Cc}\p{Cf}]/u.test(text))
    return parseFailure('The session id has invisible characters in it. Copy it again.');
  return text.length > maxTextLength
    ? parseFailure(`The session id is longer than ${maxTextLength} characters.`)
    : { ok: true, value: text };
}

/** The id inside a URL or between spaces, where there is exactly one thing it can be. */
function suggestId(text: string): string | null {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) {
    if (!URL.canParse(trimmed)) return null;
    const url = new URL(trimmed);
    const named = [...url.searchParams].find(([name]) => /session_?id/i.test(name))?.[1];
    const id =
      named ??
      url.pathname
        .split('/')
        .filter((part) => part !== '')
        .at(-1) ??
      '';
    return /^[\w-]{1,200}$/.test(id) ? id : null;
  }
  return trimmed !== text && trimmed !== '' && trimmed.length <= maxTextLength && !/\s/.test(trimmed) ? trimmed : null;
}

export function parseText(text: string, what: string): ParseResult<string | null> {
  const value = text.trim();
  if (value === '') return { ok: true, value: null };
  return value.length > maxTextLength
    ? parseFailure(`${what} is longer than ${maxTextLength} characters.`)
    : { ok: true, value };
}

const amountPatterns: Record<ImportParseOptions['amounts'], RegExp> = {
  plain: /^\d{1,18}(?:\.\d{1,10})?$/,
  comma_decimal: /^(?:\d{1,18}|\d{1,3}(?:[. \u00a0\u202f’']\d{3}){1,5})(?:,\d{1,10})?$/,
  point_decimal: /^(?:\d{1,18}|\d{1,3}(?:[, \u00a0\u202f’']\d{3}){1,5})(?:\.\d{1,10})?$/,
};
const amountFormatLabels: Record<ImportParseOptions['amounts'], string> = {
  plain: 'as plain numbers',
  comma_decimal: 'with a decimal comma',
  point_decimal: 'with a decimal point and grouped thousands',
};

/** Decimal text in the currency's own units. `1.234,56` is refused unless the operator says how amounts are written. */
export function parseAmount(text: string, form: ImportParseOptions['amounts']): ParseResult<string | null> {
  const value = text.trim();
  if (value === '') return { ok: true, value: null };
  if (amountPatterns[form].test(value)) return { ok: true, value: normalizeAmount(value, form) };
  if (/^[-−(]/.test(value))
    return parseFailure('The amount is negative. A session asks for money; correct the amount.');
  const others = (['plain', 'comma_decimal', 'point_decimal'] as const).filter(
    (other) => other !== form && amountPatterns[other].test(value),
  );
  if (others.length > 0) {
    const readings = others
      .map((other) => `${normalizeAmount(value, other)} if amounts are written ${amountFormatLabels[other]}`)
      .join(', or ');
    return parseFailure(
      `This amount is not written ${amountFormatLabels[form]}. It would be ${readings}: say so for the whole file, or correct it.`,
    );
  }
  return parseFailure(
    'This is no amount. Write digits alone, such as 1234.56, and the currency in a column of its own.',
  );
}

function normalizeAmount(text: string, form: ImportParseOptions['amounts']): string {
  if (form === 'plain') return text;
  const digits = text.replace(form === 'comma_decimal' ? /[^\d,]/g : /[^\d.]/g, '');
  return digits.replace(',', '.');
}

export function parseCurrency(text: string): ParseResult<string | null> {
  const value = text.trim().toUpperCase();
  if (value === '') return { ok: true, value: null };
  return knownCurrencies.has(value)
    ? { ok: true, value }
    : parseFailure('This is no currency code. Write three letters of ISO 4217, such as CAD or IDR.');
}

/** Date, time, and a zone where there is one. */
const instantPattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/** An instant in UTC to the millisecond. `past`: whether it cannot lie ahead. */
export function parseInstant(
  text: string,
  zoneless: ImportParseOptions['zonelessTimes'],
  past: boolean,
  now: number,
): ParseResult<string | null> {
  const value = text.trim();
  if (value === '') return { ok: true, value: null };
  const [whole, date, time, zone] = instantPattern.exec(value) ?? [];
  if (whole === undefined || date === undefined || time === undefined) {
    return parseFailure('This is no time that can only be read one way. Write it as 2026-11-20T14:02:00Z.');
  }
  if (zone === undefined && zoneless === 'refuse') {
    return parseFailure(
      'This time names no zone. Write it as 2026-11-20T14:02:00Z, or say for the whole file which zone is meant.',
    );
  }
  const isUtc = zone === undefined ? zoneless === 'utc' : /^(z|utc)$/i.test(zone);
  const suffix = isUtc ? 'Z' : (zone ?? '').replace(/^(...)(\d\d)$/, '$1:$2');
  const at = Date.parse(`${date}T${time.replace(',', '.')}${suffix}`);
  // Date.parse takes 30 February for 2 March.
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at) || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) {
    return parseFailure('There is no such date or time.');
  }
  if (past && at > now + clockToleranceMs) {
    return parseFailure('This time is in the future. Check the date, its zone, and this machine’s clock.');
  }
  return { ok: true, value: new Date(at).toISOString() };
}

function parseFailure(message: string, suggestion?: string): { ok: false; message: string; suggestion?: string } {
  return { ok: false, message, ...(suggestion !== undefined && { suggestion }) };
}
