import { createMessage, type FeedCounts, type Message } from '../../contract/index.ts';
import type { HttpClient } from '../providers/index.ts';
import type { FeedRow, ReportedSession } from '../store/index.ts';
import { createLimitMessage, type FeedRunLimits } from './feed-entry.ts';
import { isObject, parseJsonExact } from '../import/index.ts';

/** A longer sweep continues in the next run. */
const maxPagesPerRun = 1_000;
/**
 * Whichever is reached first. 200,000 sessions need a few hundred megabytes in the database. Without a limit, the pages
 * of one run could hold 5,000,000 sessions. The next run continues at the cursor.
 */
export const urlRunLimits: FeedRunLimits = { maxSessions: 200_000, maxBytes: 128 * 2 ** 20 };
/**
 * The next sweep requests the changes since this long before the start of the current one: clocks differ, and a back
 * office may store a row late.
 */
const sinceOverlapMs = 10 * 60_000;

export interface UrlFeedRun {
  readonly row: FeedRow;
  readonly url: string;
  readonly format: 'json' | 'json_lines';
  readonly secret: string | null;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  readonly counts: FeedCounts;
  now(): number;
  /** Parses the rows of a page and counts lines and problems. */
  parseSessions(sessions: readonly unknown[]): Promise<readonly ReportedSession[]>;
  /** Stores the sessions and the checkpoint after them, durably and together. */
  ingest(
    sessions: readonly ReportedSession[],
    checkpoint: { cursor: string | null; since: string | null; runBeganAt: string | null },
  ): Promise<void>;
}

/**
 * Ingests page after page. Returns why the run ended early, or null after the last page. Ingested pages stay; the next
 * run continues at the stored checkpoint.
 */
export async function runUrlFeed(run: UrlFeedRun): Promise<Message | null> {
  let { cursor, since, runBeganAt } = run.row;
  const received = { sessions: 0, bytes: 0 };
  const usedCursors = new Set<string>(cursor === null ? [] : [cursor]);
  for (let page = 0; page < maxPagesPerRun; page += 1) {
    runBeganAt =
      cursor === null ? new Date(run.now()).toISOString() : (runBeganAt ?? new Date(run.now()).toISOString());
    const response = await fetchPage(run, since, cursor);
    if (response.kind === 'cursor_expired' && cursor !== null) {
      // The sweep starts again from its first page; known sessions are not added twice.
      cursor = null;
      usedCursors.clear();
      await run.ingest([], { cursor, since, runBeganAt: null });
      continue;
    }
    if (response.kind === 'cursor_expired') return createMessage('feed.goneWithoutCursor');
    if (response.kind === 'error') return response.reason;
    const parsedPage = parsePage(response.text, run.format);
    if (parsedPage.kind === 'error') return createMessage('feed.pageDiscarded', { problem: parsedPage.reason });
    if (parsedPage.next !== null && usedCursors.has(parsedPage.next)) {
      return createMessage('feed.pageDiscarded', { problem: createMessage('feed.cursorRepeated') });
    }
    const sessions = await run.parseSessions(parsedPage.sessions);
    cursor = parsedPage.next;
    if (cursor === null) since = new Date(Date.parse(runBeganAt) - sinceOverlapMs).toISOString();
    else usedCursors.add(cursor);
    await run.ingest(sessions, { cursor, since, runBeganAt: cursor === null ? null : runBeganAt });
    if (cursor === null) return null;
    if (run.signal.aborted) return createMessage('feed.stopped');
    received.sessions += parsedPage.sessions.length;
    received.bytes += Buffer.byteLength(response.text);
    if (received.sessions >= urlRunLimits.maxSessions || received.bytes >= urlRunLimits.maxBytes) {
      return createLimitMessage(urlRunLimits);
    }
  }
  return createMessage('feed.tooManyPages', { max: maxPagesPerRun });
}

type FetchResult =
  | { readonly kind: 'text'; readonly text: string }
  /** The back office no longer accepts the cursor (HTTP 410). */
  | { readonly kind: 'cursor_expired' }
  | { readonly kind: 'error'; readonly reason: Message };

async function fetchPage(
  { row, url, secret, http, signal }: UrlFeedRun,
  since: string | null,
  cursor: string | null,
): Promise<FetchResult> {
  const target = new URL(url);
  if (since !== null) target.searchParams.set('since', since);
  if (cursor !== null) target.searchParams.set('cursor', cursor);
  const exchange = await http.send({
    connectionId: row.id,
    baseUrl: target.origin,
    method: 'GET',
    path: `${target.pathname}${target.search}`,
    signal,
    headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
  });
  const host = target.host;
  switch (exchange.class) {
    case 'not_sent':
      return fetchError(createMessage('feed.unreachable', { host, detail: exchange.detail ?? exchange.cause }));
    case 'unknown':
      return fetchError(
        exchange.cause === 'timed_out'
          ? createMessage('feed.pageTimedOut', { host })
          : exchange.cause === 'answer_unreadable'
            ? createMessage('feed.responseUnreadable', { host })
            : createMessage('feed.connectionLost', { host }),
      );
    case 'answered':
      return toFetchResult(host, exchange.httpStatus, exchange.body);
  }
}

function toFetchResult(host: string, httpStatus: number, body: string): FetchResult {
  if (httpStatus === 200) return { kind: 'text', text: body };
  if (httpStatus === 410) return { kind: 'cursor_expired' };
  if (httpStatus === 401 || httpStatus === 403) {
    return fetchError(createMessage('feed.secretRefused', { host, status: httpStatus }));
  }
  if (httpStatus >= 300 && httpStatus < 400) {
    return fetchError(createMessage('feed.redirected', { host }));
  }
  return fetchError(createMessage('feed.httpError', { host, status: httpStatus }));
}

function fetchError(reason: Message): FetchResult {
  return { kind: 'error', reason };
}

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

function pageError(reason: Message): FeedPage {
  return { kind: 'error', reason };
}
