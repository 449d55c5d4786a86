/** Reads bodies from the other side: any text whatever goes in, and nothing but plain, checked values comes out. */

/** A JSON object, or null for everything else: text, HTML, an array, a cut or broken document. */
export type ParsedBody = Readonly<Record<string, unknown>> | null;

/** Numbers called `amount` become decimal text from their own digits, so that no float rounds them. */
export function parseBody(text: string): ParsedBody {
  try {
    const value: unknown = JSON.parse(text, (key, part: unknown, context?: { readonly source?: string }) =>
      key === 'amount' && typeof part === 'number' ? toPlainDecimal(context?.source ?? String(part)) : part,
    );
    return toParsedBody(value);
  } catch {
    // Broken JSON, and a nesting deeper than the stack.
    return null;
  }
}

/** A value as a body where it is an object, e.g. a part of another body; else null. */
export function toParsedBody(value: unknown): ParsedBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** An own field that is a text with something in it. */
export function readTextField(body: ParsedBody, name: string): string | null {
  const value = body !== null && Object.hasOwn(body, name) ? body[name] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** An amount given as a number or as text, e.g. `"0"` (contradiction 22). Nothing is assumed about minor units. */
export function readAmountField(body: ParsedBody): string | null {
  const value = readTextField(body, 'amount');
  return value === null ? null : toPlainDecimal(value);
}

/** The plain decimal spelling of a JSON number, exactly: `1.50` stays, `1e3` becomes `1000`; null for what is none. */
export function toPlainDecimal(source: string): string | null {
  const parts = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(source);
  const [, sign, whole, fraction = '', exponent = '0'] = parts ?? [];
  if (sign === undefined || whole === undefined) return null;
  const shift = Number(exponent);
  if (shift === 0) return `${sign}${whole}${fraction && `.${fraction}`}`;
  const digits = `${'0'.repeat(Math.max(0, -shift))}${whole}${fraction}${'0'.repeat(Math.max(0, shift))}`;
  const point = Math.max(0, -shift) + whole.length + shift;
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const right = digits.slice(point).replace(/0+$/, '');
  return `${sign}${left || '0'}${right && `.${right}`}`;
}

/** An instant in UTC to the millisecond; null where the text is none or names no zone (7 fractional digits occur). */
export function readInstantField(body: ParsedBody, name: string): string | null {
  const value = readTextField(body, name);
  if (value === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** One part of a path, or null where no encoding can keep it one: empty, `.`, `..`, half of a surrogate pair. */
export function encodePathSegment(id: string): string | null {
  if (id === '' || id === '.' || id === '..') return null;
  try {
    return encodeURIComponent(id);
  } catch {
    return null;
  }
}

/** Whether a header can carry the value unchanged: printable ASCII, so that nothing is dropped or re-encoded. */
export function isValidHeaderValue(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}
