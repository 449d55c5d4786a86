import type { FeedCounts } from '../../contract/index.ts';
import type { Http } from '../providers/index.ts';
import type { FeedRow, ToldSession } from '../store/index.ts';
import { readPage } from './feed-page.ts';

/** A run that finds more goes on with the rest the next time. */
const mostPages = 1_000;
/** Clocks differ, and a row may be written late: the next sweep asks for the changes since a little before this one. */
const overlapMs = 10 * 60_000;

export interface UrlRun {
  readonly row: FeedRow;
  readonly url: string;
  readonly format: 'json' | 'json_lines';
  readonly secret: string | null;
  readonly http: Http;
  readonly signal: AbortSignal;
  readonly counts: FeedCounts;
  now(): number;
  /** Rows as sessions; counts lines and what is wrong with them. */
  read(sessions: readonly unknown[]): Promise<readonly ToldSession[]>;
  /** Durably: the sessions and the place after them. */
  take(
    sessions: readonly ToldSession[],
    place: { cursor: string | null; since: string | null; runBeganAt: string | null },
  ): Promise<void>;
}

/** Takes page after page. Answers with why it broke off, or null at the end. What was taken stays; the next run goes on there. */
export async function runUrl(run: UrlRun): Promise<string | null> {
  let { cursor, since, runBeganAt } = run.row;
  const seen = new Set<string>(cursor === null ? [] : [cursor]);
  for (let page = 0; page < mostPages; page += 1) {
    runBeganAt =
      cursor === null ? new Date(run.now()).toISOString() : (runBeganAt ?? new Date(run.now()).toISOString());
    const answer = await ask(run, since, cursor);
    if (answer.kind === 'gone' && cursor !== null) {
      // The cursor is too old for the back office: the sweep begins anew, and nothing is doubled by that.
      cursor = null;
      seen.clear();
      await run.take([], { cursor, since, runBeganAt: null });
      continue;
    }
    if (answer.kind === 'gone') return 'The back office answers 410 to a request without a cursor. Check the URL.';
    if (answer.kind === 'fault') return answer.message;
    const read = readPage(answer.text, run.format);
    if (read.kind === 'fault') return `${read.message} ${nothingLost}`;
    if (read.next !== null && seen.has(read.next)) {
      return `The page names a cursor that was there before, so it would never end. ${nothingLost}`;
    }
    const sessions = await run.read(read.sessions);
    cursor = read.next;
    if (cursor === null) since = new Date(Date.parse(runBeganAt) - overlapMs).toISOString();
    else seen.add(cursor);
    await run.take(sessions, { cursor, since, runBeganAt: cursor === null ? null : runBeganAt });
    if (cursor === null) return null;
    if (run.signal.aborted) return 'Stopped. The next run goes on from here.';
  }
  return `More than ${mostPages} pages in one run. The next run goes on from here; if this stays so, check that the feed's pages end.`;
}

const nothingLost = 'Nothing of this page was taken; the next run asks for it again.';

type Answer =
  | { readonly kind: 'text'; readonly text: string }
  /** The cursor is too old for the back office. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'fault'; readonly message: string };

async function ask(
  { row, url, secret, http, signal }: UrlRun,
  since: string | null,
  cursor: string | null,
): Promise<Answer> {
  const target = new URL(url);
  if (since !== null) target.searchParams.set('since', since);
  if (cursor !== null) target.searchParams.set('cursor', cursor);
  const exchange = await http.exchange({
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
      return fault(
        `${host} could not be reached (${exchange.detail ?? exchange.cause}). Check the URL and the network.`,
      );
    case 'unknown':
      return fault(
        exchange.cause === 'timed_out'
          ? `${host} did not send the whole page in time.`
          : exchange.cause === 'answer_unreadable'
            ? `${host} sent a page that is too long or no HTTP. Have it send smaller pages.`
            : `The connection to ${host} broke before the whole page came.`,
      );
    case 'answered':
      return answered(host, exchange.httpStatus, exchange.body);
  }
}

function answered(host: string, httpStatus: number, body: string): Answer {
  if (httpStatus === 200) return { kind: 'text', text: body };
  if (httpStatus === 410) return { kind: 'gone' };
  if (httpStatus === 401 || httpStatus === 403) {
    return fault(
      `${host} did not accept the secret of this feed (HTTP ${httpStatus}). Replace it, or have it allowed there.`,
    );
  }
  if (httpStatus >= 300 && httpStatus < 400) {
    return fault(
      `${host} sends on to another address. The console never follows, as it would hand over the secret. Correct the URL.`,
    );
  }
  return fault(`${host} answered HTTP ${httpStatus}. The next run tries again.`);
}

function fault(message: string): Answer {
  return { kind: 'fault', message };
}
