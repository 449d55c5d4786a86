/** Parsing of a page that a back office returns: sessions and the cursor of the next page. */
import { createMessage, type Message } from '../../contract/index.ts';
import { parseJsonExact } from '../import/index.ts';

/** The rows of one page are stored in one transaction. */
const maxRowsPerPage = 5_000;
const maxCursorLength = 500;

export type FeedPage =
  | { readonly kind: 'page'; readonly sessions: readonly unknown[]; readonly next: string | null }
  | { readonly kind: 'error'; readonly reason: Message };

/** A page must contain `next`, so that a truncated page is an error and not a short page. */
export function parsePage(text: string, format: 'json' | 'json_lines'): FeedPage {
  const page = format === 'json' ? parseJsonPage(text) : parseJsonLinesPage(text);
  if (page.kind === 'error') return page;
  const { length } = page.sessions;
  if (length > maxRowsPerPage) {
    return pageError(createMessage('feed.pageTooLong', { max: maxRowsPerPage, count: length }));
  }
  if (page.next !== null && (page.next === '' || page.next.length > maxCursorLength)) {
    return pageError(createMessage('feed.nextInvalid', { max: maxCursorLength }));
  }
  return page;
}

function parseJsonPage(text: string): FeedPage {
  const page = parseJsonExact(text);
  if (page === undefined) return pageError(createMessage('feed.pageNotJson'));
  if (!isObject(page) || !Array.isArray(page['sessions'])) return pageError(createMessage('feed.sessionsMissing'));
  return createPage(page['sessions'], page);
}

function parseJsonLinesPage(text: string): FeedPage {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseJsonExact(line));
  const last = lines.pop();
  if (!isObject(last)) return pageError(createMessage('feed.lastLineInvalid'));
  // A line that is not valid JSON is undefined here; the row parser rejects only that line.
  return createPage(lines, last);
}

/** `envelope` is the object that holds `next`. */
function createPage(sessions: readonly unknown[], envelope: Readonly<Record<string, unknown>>): FeedPage {
  const next = Object.hasOwn(envelope, 'next') ? envelope['next'] : undefined;
  if (next !== null && typeof next !== 'string') return pageError(createMessage('feed.nextMissing'));
  return { kind: 'page', sessions, next };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pageError(reason: Message): FeedPage {
  return { kind: 'error', reason };
}
