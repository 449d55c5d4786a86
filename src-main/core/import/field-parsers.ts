/**
 * Parsers for the values of one line. A value that is ambiguous or has no valid reading is refused; no parser guesses.
 * The message names the readings that the value could have.
 */
import {
  createMessage,
  isPlainText,
  sessionIdPattern,
  type ImportParseOptions,
  type Message,
} from '../../contract/index.ts';

export type ParseResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Message; readonly suggestion?: string };

const maxTextLength = 200;
const knownCurrencies = new Set(Intl.supportedValuesOf('currency'));
/** Clocks of two computers differ by less; a later time is a mistake. */
const clockToleranceMs = 10 * 60_000;

/**
 * Accepts an ID only if the text holds nothing else. For an ID between spaces or inside a URL the result carries it as
 * a suggestion (providers.md contradictions 23 and 24).
 */
export function parseId(text: string): ParseResult<string> {
  if (text === '') return parseFailure(createMessage('import.idMissing'));
  const suggestion = suggestId(text);
  if (suggestion !== null) {
    return parseFailure(createMessage(/^\S+$/.test(text) ? 'import.idIsUrl' : 'import.idBetweenSpaces'), suggestion);
  }
  if (/\s/.test(text)) return parseFailure(createMessage('import.idHasSpaces'));
  if (/[\p{Cc}\p{Cf}]/u.test(text)) return parseFailure(createMessage('import.idHasInvisibleCharacters'));
  if (text.length > maxTextLength) return parseFailure(createMessage('import.idTooLong', { max: maxTextLength }));
  return sessionIdPattern.test(text)
    ? { ok: true, value: text }
    : parseFailure(createMessage('import.idHasForbiddenCharacters'));
}

/** The ID inside a URL or between spaces; null if the text holds no ID or several. */
function suggestId(text: string): string | null {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) {
    if (!URL.canParse(trimmed)) return null;
    const url = new URL(trimmed);
    const idParameter = [...url.searchParams].find(([name]) => /session_?id/i.test(name))?.[1];
    const id =
      idParameter ??
      url.pathname
        .split('/')
        .filter((segment) => segment !== '')
        .at(-1) ??
      '';
    return sessionIdPattern.test(id) ? id : null;
  }
  return trimmed !== text && sessionIdPattern.test(trimmed) ? trimmed : null;
}

/** The trimmed text; null for a blank one. `field` is the name of the field, for the message. */
export function parseText(text: string, field: Message): ParseResult<string | null> {
  const value = text.trim();
  if (value === '') return { ok: true, value: null };
  if (!isPlainText(value)) return parseFailure(createMessage('import.valueHasControlCharacters', { field }));
  return value.length > maxTextLength
    ? parseFailure(createMessage('import.valueTooLong', { field, max: maxTextLength }))
    : { ok: true, value };
}

type AmountFormat = ImportParseOptions['amounts'];

const amountPatterns: Record<AmountFormat, RegExp> = {
  plain: /^\d{1,18}(?:\.\d{1,10})?$/,
  comma_decimal: /^(?:\d{1,18}|\d{1,3}(?:[. \u00a0\u202f’']\d{3}){1,5})(?:,\d{1,10})?$/,
  point_decimal: /^(?:\d{1,18}|\d{1,3}(?:[, \u00a0\u202f’']\d{3}){1,5})(?:\.\d{1,10})?$/,
};
/** The names of the formats, in every language of the screen. */
const amountFormatExamples: Record<AmountFormat, string> = {
  plain: '1234.56',
  comma_decimal: '1.234,56',
  point_decimal: '1,234.56',
};

/**
 * Decimal text in the currency's major unit; null for a blank text. Refuses `1.234,56` unless `format` is
 * `comma_decimal`: with another format the same characters can be another amount.
 */
export function parseAmount(text: string, format: AmountFormat): ParseResult<string | null> {
  const value = text.trim();
  if (value === '') return { ok: true, value: null };
  if (amountPatterns[format].test(value)) return { ok: true, value: normalizeAmount(value, format) };
  if (/^[-−(]/.test(value)) return parseFailure(createMessage('import.amountNegative'));
  const [first, second] = (['plain', 'comma_decimal', 'point_decimal'] as const).filter(
    (other) => other !== format && amountPatterns[other].test(value),
  );
  if (first === undefined) return parseFailure(createMessage('import.amountInvalid'));
  if (second === undefined) {
    return parseFailure(
      createMessage('import.amountOtherFormat', {
        format: amountFormatExamples[format],
        otherFormat: amountFormatExamples[first],
        value: normalizeAmount(value, first),
      }),
    );
  }
  return parseFailure(
    createMessage('import.amountTwoFormats', {
      format: amountFormatExamples[format],
      firstFormat: amountFormatExamples[first],
      firstValue: normalizeAmount(value, first),
      secondFormat: amountFormatExamples[second],
      secondValue: normalizeAmount(value, second),
    }),
  );
}

function normalizeAmount(text: string, format: AmountFormat): string {
  if (format === 'plain') return text;
  const digits = text.replace(format === 'comma_decimal' ? /[^\d,]/g : /[^\d.]/g, '');
  return digits.replace(',', '.');
}

export function parseCurrency(text: string): ParseResult<string | null> {
  const value = text.trim().toUpperCase();
  if (value === '') return { ok: true, value: null };
  return knownCurrencies.has(value) ? { ok: true, value } : parseFailure(createMessage('import.currencyUnknown'));
}

/** Date, time, and an optional time zone. */
const instantPattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/** An instant in UTC with milliseconds. `mustBePast`: refuses a time in the future. `now` is in ms since the epoch. */
export function parseInstant(
  text: string,
  zonelessTimes: ImportParseOptions['zonelessTimes'],
  mustBePast: boolean,
  now: number,
): ParseResult<string | null> {
  const value = text.trim();
  if (value === '') return { ok: true, value: null };
  const [match, date, time, zone] = instantPattern.exec(value) ?? [];
  if (match === undefined || date === undefined || time === undefined) {
    return parseFailure(createMessage('import.timeFormatUnsupported'));
  }
  if (zone === undefined && zonelessTimes === 'refuse') return parseFailure(createMessage('import.timeZoneMissing'));
  const isUtc = zone === undefined ? zonelessTimes === 'utc' : /^(z|utc)$/i.test(zone);
  const suffix = isUtc ? 'Z' : (zone ?? '').replace(/^(...)(\d\d)$/, '$1:$2');
  const timestamp = Date.parse(`${date}T${time.replace(',', '.')}${suffix}`);
  // Date.parse reads 30 February as 2 March.
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(timestamp) || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) {
    return parseFailure(createMessage('import.timeNotExisting'));
  }
  if (mustBePast && timestamp > now + clockToleranceMs) return parseFailure(createMessage('import.timeInFuture'));
  return { ok: true, value: new Date(timestamp).toISOString() };
}

function parseFailure(reason: Message, suggestion?: string): { ok: false; reason: Message; suggestion?: string } {
  return { ok: false, reason, ...(suggestion !== undefined && { suggestion }) };
}
