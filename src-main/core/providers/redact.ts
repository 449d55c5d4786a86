/** Redacts texts from a provider before they are stored: secrets, session links, ids and personal data. */

const maxMessageLength = 500;
/** A text is cut to this length before it is searched. Only `maxMessageLength` characters of it are returned. */
const maxInputLength = 8_000;

/**
 * Texts that are confidential anywhere, with their replacements. Each repetition before another part is bounded, so
 * that the time grows linearly with the length of the text.
 */
export const confidentialPatterns: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s{1,5}[^\s"',;]+/gi, '$1 [hidden]'],
  [/[^\s@"'<>(),:;]{1,64}@[^\s@"'<>(),:;]{1,255}\.[a-z]{2,24}/gi, '[email]'],
  [/\b(?:xnd|sk|pk|rk|whsec|gh[opsu]|xox[abp])[_-]\w+|\b(?:AKIA|AIza|eyJ)[\w.=-]{8,}/g, '[hidden]'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '[id]'],
  [/\bps-[0-9a-z]{16,}/gi, '[id]'],
];

/** Texts that are confidential in a message of a provider. */
const patterns: typeof confidentialPatterns = [
  ...confidentialPatterns,
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+/gi, '[link]'],
  [/\b(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,10}\/[^\s"'<>]+/gi, '[link]'],
  [/[\w+/=.-]{24,}/g, '[hidden]'],
  // Card, account and phone numbers, also in groups: 4111 1111 1111 1111, +62 812-3456-7890, (514) 555-0199.
  [/[+(]?\d(?:[ .()/-]{0,2}\d){8,30}/g, '[number]'],
];

/** The start of a key of a known provider, which needs no digit to be one. */
const knownKey = /^(?:xnd|sk|pk|rk|whsec|gh[opsu]|xox[abp])[_-]/;

/** At most 500 characters on one line, or null if the result is empty. `sensitiveTexts` are removed exactly. */
export function redact(text: string, sensitiveTexts: readonly string[]): string | null {
  let result = text.length > maxInputLength ? text.slice(0, maxInputLength).replace(/\S+$/, '') : text;
  result = redactExactTexts(result, sensitiveTexts)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  for (const [pattern, replacement] of patterns) {
    result = result.replace(pattern, (match, scheme) => replaceMatch(match, replacement, scheme));
  }
  const characters = [...result];
  if (characters.length > maxMessageLength) result = `${characters.slice(0, maxMessageLength - 1).join('')}…`;
  return result === '' ? null : result;
}

/** A long match without digits is a word or a code (`INVALID_SESSION_STATUS`), not a token. */
function replaceMatch(match: string, replacement: string, scheme: unknown): string {
  const isWord = !/\d/.test(match) || !/[a-z]/i.test(match);
  if (replacement === '[hidden]' && isWord && !knownKey.test(match)) return match;
  return typeof scheme === 'string' ? replacement.replace('$1', scheme) : replacement;
}

/** Replaces exact texts, the longest first. Texts under 4 characters are skipped, because they occur in other words. */
function redactExactTexts(text: string, sensitiveTexts: readonly string[]): string {
  return [...sensitiveTexts]
    .filter((sensitiveText) => sensitiveText.length >= 4)
    .sort((a, b) => b.length - a.length)
    .reduce((result, sensitiveText) => result.replaceAll(sensitiveText, '[hidden]'), text);
}

/**
 * A short text from a provider (a status, a code, a request id, a reference), trimmed. null if it is empty, is longer
 * than `maxLength`, or contains a control character or one of `sensitiveTexts`.
 */
export function safeToken(value: unknown, sensitiveTexts: readonly string[], maxLength = 128): string | null {
  if (typeof value !== 'string') return null;
  const token = value.trim();
  if (token === '' || token.length > maxLength || /[\p{Cc}\p{Cf}]/u.test(token)) return null;
  return redactExactTexts(token, sensitiveTexts) === token ? token : null;
}
