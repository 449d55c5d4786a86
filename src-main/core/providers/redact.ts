/** Makes words from the other side fit to keep: what looks like a secret, a session link or a person is struck out. */

const maxMessageLength = 500;
/** Beyond this a text is dropped before it is searched; still far more than what is kept. */
const maxInputLength = 20_000;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, '$1 [hidden]'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]+/gi, '[link]'],
  [/[^\s@"'<>(),:;]+@[^\s@"'<>(),:;]+\.[a-z]{2,}/gi, '[email]'],
  [/\b(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,10}\/[^\s"'<>]+/gi, '[link]'],
  [/\bxnd_\w+/gi, '[hidden]'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '[id]'],
  [/\bps-[0-9a-z]{16,}/gi, '[id]'],
  [/[\w+/=.-]{24,}/g, '[hidden]'],
  [/\+?\d{9,}/g, '[number]'],
];

/** At most 500 characters on one line, null where nothing is left. `sensitiveTexts` are the very texts that must not appear. */
export function redact(text: string, sensitiveTexts: readonly string[]): string | null {
  let kept = text.length > maxInputLength ? text.slice(0, maxInputLength).replace(/\S+$/, '') : text;
  kept = redactExactTexts(kept, sensitiveTexts)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  for (const [pattern, word] of patterns) {
    kept = kept.replace(pattern, (match, scheme) => replaceMatch(match, word, scheme));
  }
  const characters = [...kept];
  const cut = characters.length > maxMessageLength ? `${characters.slice(0, maxMessageLength - 1).join('')}…` : kept;
  return cut === '' ? null : cut;
}

/** A long run of nothing but letters is a word or a code (`INVALID_SESSION_STATUS`), not a token. */
function replaceMatch(match: string, word: string, scheme: unknown): string {
  const isWord = !/\d/.test(match) || !/[a-z]/i.test(match);
  if (word === '[hidden]' && isWord && !/^xnd_/i.test(match)) return match;
  return typeof scheme === 'string' ? word.replace('$1', scheme) : word;
}

/** Strikes out exact texts, the longest first. Very short ones would blot out ordinary words. */
function redactExactTexts(text: string, sensitiveTexts: readonly string[]): string {
  return [...sensitiveTexts]
    .filter((secret) => secret.length >= 4)
    .sort((one, other) => other.length - one.length)
    .reduce((kept, secret) => kept.replaceAll(secret, '[hidden]'), text);
}

/** A short word from the other side (a status, a code, a request id, a reference), or null where it is not one. */
export function safeToken(value: unknown, sensitiveTexts: readonly string[], limit = 128): string | null {
  if (typeof value !== 'string') return null;
  const word = value.trim();
  if (word === '' || word.length > limit || /[\p{Cc}\p{Cf}]/u.test(word)) return null;
  return redactExactTexts(word, sensitiveTexts) === word ? word : null;
}
