/** What a back office answers with: a page of sessions and where the next one begins. */
import { parseExact } from '../import/index.ts';

/** Rows of one page are one transaction. */
const mostRows = 5_000;
const longestCursor = 500;

export type Page =
  | { readonly kind: 'page'; readonly sessions: readonly unknown[]; readonly next: string | null }
  | { readonly kind: 'fault'; readonly message: string };

/** A cut body is never taken for a short page: each page must say where it goes on, or that it does not. */
export function readPage(text: string, format: 'json' | 'json_lines'): Page {
  const page = format === 'json' ? jsonPage(text) : linesPage(text);
  if (page.kind === 'fault') return page;
  const { length } = page.sessions;
  if (length > mostRows) {
    return fault(
      `A page holds at most ${mostRows} sessions, and this one has ${length}. Have the back office send smaller pages.`,
    );
  }
  if (page.next !== null && (page.next === '' || page.next.length > longestCursor)) {
    return fault(`\`next\` is a text of 1 to ${longestCursor} characters, or null at the end.`);
  }
  return page;
}

function jsonPage(text: string): Page {
  const page = parseExact(text);
  if (page === undefined) return fault('The page is not valid JSON.');
  if (!isObject(page) || !Array.isArray(page['sessions'])) return fault('The page has no list `sessions`.');
  return withNext(page['sessions'], page);
}

function linesPage(text: string): Page {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseExact(line));
  const last = lines.pop();
  if (!isObject(last)) return fault('The page does not end with a line that holds `next`.');
  // A line that cannot be read is that line's trouble, and named as such.
  return withNext(lines, last);
}

function withNext(sessions: readonly unknown[], holder: Readonly<Record<string, unknown>>): Page {
  const next = Object.hasOwn(holder, 'next') ? holder['next'] : undefined;
  if (next !== null && typeof next !== 'string') {
    return fault('The page does not say where it goes on: `next` is the text of a cursor, or null at the end.');
  }
  return { kind: 'page', sessions, next };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(message: string): Page {
  return { kind: 'fault', message };
}
