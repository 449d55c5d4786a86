import type { FeedCounts } from '../../contract/index.ts';
import type { HttpClient } from '../providers/index.ts';
import type { FeedRow, ReportedSession } from '../store/index.ts';
import { parsePage } from './feed-page.ts';

/** A run that finds more goes on with the rest the next time. */
const maxPagesPerRun = 1_000;
/** Clocks differ, and a row may be written late: the next sweep asks for the changes since a little before this one. */
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
  /** Rows as sessions; counts lines and what is wrong with them. */
  parseSessions(sessions: readonly unknown[]): Promise<readonly ReportedSession[]>;
  /** Durably: the sessions and the place after them. */
  ingest(
    sessions: readonly ReportedSession[],
    place: { cursor: string | null; since: string | null; runBeganAt: string | null },
  ): Promise<void>;
}

/** Takes page after page. Answers with why it broke off, or null at the end. What was taken stays; the next run goes on there. */
export async function runUrlFeed(run: UrlFeedRun): Promise<string | null> {
  let { cursor, since, runBeganAt } = run.row;
  const seen = new Set<string>(cursor === null ? [] : [cursor]);
  for (let page = 0; page < maxPagesPerRun; page += 1) {
    runBeganAt =
      cursor === null ? new Date(run.now()).toISOString() : (runBeganAt ?? new Date(run.now()).toISOString());
    const answer = await fetchPage(run, since, cursor);
    if (answer.kind === 'cursor_expired' && cursor !== null) {
      // The cursor is too old for the back office: the sweep begins anew, and nothing is doubled by that.
      cursor = null;
      seen.clear();
      await run.ingest([], { cursor, since, runBeganAt: null });
      continue;
    }
    if (answer.kind === 'cursor_expired')
      return 'The back office answers 410 to a request without a cursor. Check the URL.';
    if (answer.kind === 'error') return answer.message;
    const read = parsePage(answer.text, run.format);
    if (read.kind === 'error') return `${read.message} ${pageDiscardedMessage}`;
    if (read.next !== null && seen.has(read.next)) {
      return `The page names a cursor that was there before, so it would never end. ${pageDiscardedMessage}`;
    }
    const sessions = await run.parseSessions(read.sessions);
    cursor = read.next;
    if (cursor === null) since = new Date(Date.parse(runBeganAt) - sinceOverlapMs).toISOString();
    else seen.add(cursor);
    await run.ingest(sessions, { cursor, since, runBeganAt: cursor === null ? null : runBeganAt });
    if (cursor === null) return null;
    if (run.signal.aborted) return 'Stopped. The next run goes on from here.';
  }
  return `More than ${maxPagesPerRun} pages in one run. The next run goes on from here; if this stays so, check that the feed's pages end.`;
}

const pageDiscardedMessage = 'Nothing of this page was taken; the next run asks for it again.';

type FetchResult =
  | { readonly kind: 'text'; readonly text: string }
  /** The cursor is too old for the back office. */
  | { readonly kind: 'cursor_expired' }
  | { readonly kind: 'error'; readonly message: string };

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
      return fetchError(
        `${host} could not be reached (${exchange.detail ?? exchange.cause}). Check the URL and the network.`,
      );
    case 'unknown':
      return fetchError(
        exchange.cause === 'timed_out'
          ? `${host} did not send the whole page in time.`
          : exchange.cause === 'answer_unreadable'
            ? `${host} sent a page that is too long or no HTTP. Have it send smaller pages.`
            : `The connection to ${host} broke before the whole page came.`,
      );
    case 'answered':
      return toFetchResult(host, exchange.httpStatus, exchange.body);
  }
}

function toFetchResult(host: string, httpStatus: number, body: string): FetchResult {
  if (httpStatus === 200) return { kind: 'text', text: body };
  if (httpStatus === 410) return { kind: 'cursor_expired' };
  if (httpStatus === 401 || httpStatus === 403) {
    return fetchError(
      `${host} did not accept the secret of this feed (HTTP ${httpStatus}). Replace it, or have it allowed there.`,
    );
  }
  if (httpStatus >= 300 && httpStatus < 400) {
    return fetchError(
      `${host} sends on to another address. The console never follows, as it would hand over the secret. Correct the URL.`,
    );
  }
  return fetchError(`${host} answered HTTP ${httpStatus}. The next run tries again.`);
}

function fetchError(message: string): FetchResult {
  return { kind: 'error', message };
}
