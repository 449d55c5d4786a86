/** What a back office answers with: a page of sessions and where the next one begins. */
import { parseJsonExact } from '../import/index.ts';

/** Rows of one page are one transaction. */
const maxRowsPerPage = 5_000;
const maxCursorLength = 500;

export type FeedPage =
  | { readonly kind: 'page'; readonly sessions: readonly unknown[]; readonly next: string | null }
  | { readonly kind: 'error'; readonly message: string };

/** A cut body is never taken for a short page: each page must say where it goes on, or that it does not. */
export function parsePage(text: string, format: 'json' | 'json_lines'): FeedPage {
  const page = format === 'json' ? parseJsonPage(text) : parseJsonLinesPage(text);
  if (page.kind === 'error') return page;
  const { length } = page.sessions;
  if (length > maxRowsPerPage) {
    return pageError(
      `A page holds at most ${maxRowsPerPage} sessions, and this one has ${length}. Have the back office send smaller pages.`,
    );
  }
  if (page.next !== null && (page.next === '' || page.next.length > maxCursorLength)) {
    return pageError(`\`next\` is a text of 1 to ${maxCursorLength} characters, or null at the end.`);
  }
  return page;
}

function parseJsonPage(text: string): FeedPage {
  const page = parseJsonExact(text);
  if (page === undefined) return pageError('The page is not valid JSON.');
  if (!isObject(page) || !Array.isArray(page['sessions'])) return pageError('The page has no list `sessions`.');
  return createPage(page['sessions'], page);
}

function parseJsonLinesPage(text: string): FeedPage {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseJsonExact(line));
  const last = lines.pop();
  if (!isObject(last)) return pageError('The page does not end with a line that holds `next`.');
  // A line that cannot be read is that line's trouble, and named as such.
  return createPage(lines, last);
}

function createPage(sessions: readonly unknown[], holder: Readonly<Record<string, unknown>>): FeedPage {
  const next = Object.hasOwn(holder, 'next') ? holder['next'] : undefined;
  if (next !== null && typeof next !== 'string') {
    return pageError('The page does not say where it goes on: `next` is the text of a cursor, or null at the end.');
  }
  return { kind: 'page', sessions, next };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pageError(message: string): FeedPage {
  return { kind: 'error', message };
}
