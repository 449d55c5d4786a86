/** Parses response bodies. The input is any text. The output is checked text, exact decimals and UTC times. */
import { sessionIdPattern } from '../../contract/index.ts';

/** A JSON object, or null for any other body: text, HTML, an array, incomplete or invalid JSON. */
export type ParsedBody = Readonly<Record<string, unknown>> | null;

/** Numbers with the key `amount` become decimal text from their source digits, so that no rounding occurs. */
export function parseBody(text: string): ParsedBody {
  try {
    const value: unknown = JSON.parse(text, (key, field: unknown, context?: { readonly source?: string }) =>
      key === 'amount' && typeof field === 'number' ? toPlainDecimal(context?.source ?? String(field)) : field,
    );
    return toParsedBody(value);
  } catch {
    // Invalid JSON, or nesting that is deeper than the stack.
    return null;
  }
}

/** The value if it is an object, e.g. a nested object of another body; otherwise null. */
export function toParsedBody(value: unknown): ParsedBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** The trimmed text of an own field, or null if the field is not a text or is blank. */
export function readTextField(body: ParsedBody, name: string): string | null {
  const value = body !== null && Object.hasOwn(body, name) ? body[name] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** An amount that is a number or text, e.g. `"0"` (contradiction 22), as exact decimal text in the given unit. */
export function readAmountField(body: ParsedBody): string | null {
  const value = readTextField(body, 'amount');
  return value === null ? null : toPlainDecimal(value);
}

/** A JSON number as exact decimal text without exponent: `1.50` is unchanged, `1e3` becomes `1000`; null if invalid. */
export function toPlainDecimal(source: string): string | null {
  const parts = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(source);
  const [, sign, integer, fraction = '', exponent = '0'] = parts ?? [];
  if (sign === undefined || integer === undefined) return null;
  const shift = Number(exponent);
  if (shift === 0) return `${sign}${integer}${fraction && `.${fraction}`}`;
  const digits = `${'0'.repeat(Math.max(0, -shift))}${integer}${fraction}${'0'.repeat(Math.max(0, shift))}`;
  const point = Math.max(0, -shift) + integer.length + shift;
  const integerPart = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const fractionPart = digits.slice(point).replace(/0+$/, '');
  return `${sign}${integerPart || '0'}${fractionPart && `.${fractionPart}`}`;
}

/**
 * A time as UTC in ISO 8601 with milliseconds; null if the text is not a time or has no time zone. Times with 6 and 7
 * fractional digits occur (contradiction 16).
 */
export function readInstantField(body: ParsedBody, name: string): string | null {
  const value = readTextField(body, name);
  if (value === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The ID as one path segment; null if it has a character that could change the path. */
export function toPathSegment(id: string): string | null {
  return sessionIdPattern.test(id) ? id : null;
}

/** Whether an HTTP header transmits the value unchanged: printable ASCII without a space at its start or end. */
export function isValidHeaderValue(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}

/** Parses rate limit headers (providers.md 2.5). Header names are in lower case. */

type Headers = Readonly<Record<string, string>>;

const defaultRetryAfterMs = 5_000;
/** Longer waits are treated as errors: no provider publishes a window over an hour. */
const maxRetryAfterMs = 3_600_000;

/** The wait: `Rate-Limit-Reset` (seconds with fraction), then `Retry-After` (seconds or a date), then 5 s. */
export function parseRetryAfterMs(headers: Headers): number {
  const { 'rate-limit-reset': reset, 'retry-after': retryAfter } = headers;
  const waitMs = parseSecondsAsMs(reset) ?? parseSecondsAsMs(retryAfter) ?? parseHttpDateAsMs(retryAfter);
  return Math.min(waitMs ?? defaultRetryAfterMs, maxRetryAfterMs);
}

/** Whether the headers contain a wait. If not, `parseRetryAfterMs` returns the default. */
export function hasRetryAfter({ 'rate-limit-reset': reset, 'retry-after': retryAfter }: Headers): boolean {
  return [parseSecondsAsMs(reset), parseSecondsAsMs(retryAfter), parseHttpDateAsMs(retryAfter)].some(
    (waitMs) => waitMs !== null,
  );
}

/** The remaining requests of the window and the time until the next window, or null if a header is missing. */
export function parseRateLimit(headers: Headers): { remaining: number; resetMs: number } | null {
  const text = headers['rate-limit-remaining']?.trim() ?? '';
  const remaining = /^\d{1,9}$/.test(text) ? Number(text) : null;
  const resetMs = parseSecondsAsMs(headers['rate-limit-reset']);
  return remaining === null || resetMs === null ? null : { remaining, resetMs };
}

function parseSecondsAsMs(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(value.trim()) ? Math.ceil(Number(value) * 1_000) : null;
}

function parseHttpDateAsMs(value: string | undefined): number | null {
  // Only the date format of HTTP, because Date.parse accepts almost any text.
  if (value === undefined || !/^[A-Za-z]{3}, .+ GMT$/.test(value.trim())) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.max(0, time - Date.now());
}
