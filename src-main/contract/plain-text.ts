/** The rules for texts from outside: from files, feeds, providers and forms. */
import { z } from 'zod';

/** Control characters, line ends, and marks that change the direction of the text after them. */
const unsafeCharacters = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Both providers use letters, digits and hyphens. Any other character could change the path of a request. */
export const sessionIdPattern = /^[A-Za-z0-9_-]{1,200}$/;

/** Whether a text fits on one line of a screen, a file and a terminal, and reads there as it is stored. */
export function isPlainText(text: string): boolean {
  return !unsafeCharacters.test(text);
}

/** A trimmed text of one line, at most `maxLength` UTF-16 code units long. */
export const plainText = (maxLength: number) =>
  z.string().trim().max(maxLength).refine(isPlainText, 'validation.textHasControlCharacters');

/**
 * Shortens a session ID as the screen shows it. The rest distinguishes sessions but cannot open the customer's payment
 * page, also for a short ID.
 */
export function maskId(id: string): string {
  return id.length <= 14 ? `${id.slice(0, 2)}…` : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
