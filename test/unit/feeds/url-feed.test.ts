import { expect, it } from 'vitest';
import { runUrlFeed, urlRunLimits } from '../../../src-main/core/feeds/url-feed.ts';
import type { HttpClient } from '../../../src-main/core/providers/index.ts';

const maxPageBytes = 2_097_152;

/** Runs the feed from `cursor` against a source that never has a last page. */
async function runEndlessFeed(page: (number: number) => string, cursor: string | null) {
  const checkpoints: (string | null)[] = [];
  let sentBytes = 0;
  const http: HttpClient = {
    send: ({ path }) => {
      const number = Number(new URLSearchParams(path.split('?')[1]).get('cursor') ?? 0) + 1;
      const body = page(number);
      sentBytes += body.length;
      return Promise.resolve({ class: 'answered', httpStatus: 200, body, headers: {}, durationMs: 1 } as never);
    },
    releaseConnection: () => undefined,
  };
  const error = await runUrlFeed({
    row: { id: 'f1', cursor, since: null, runBeganAt: null } as never,
    url: 'http://127.0.0.1:9/feed',
    format: 'json',
    secret: null,
    http,
    signal: new AbortController().signal,
    counts: { parts: 0, lines: 0, added: 0, updated: 0, refused: 0, firstProblem: null },
    now: Date.now,
    parseSessions: () => Promise.resolve([]),
    ingest: (_sessions, checkpoint) => Promise.resolve(void checkpoints.push(checkpoint.cursor)),
  });
  return { error, checkpoints, sentBytes };
}

// Verifies F-13.
it('URL feed: a run ends at its number of sessions, and the next run continues at the cursor', async () => {
  const sessions = JSON.stringify(Array.from({ length: 5_000 }, (_, number) => ({ id: `feed-${number}` })));
  const page = (number: number) => `{"sessions":${sessions},"next":"${number}"}`;
  const first = await runEndlessFeed(page, null);
  expect(first.error).toMatchObject({
    messageKey: 'feed.runLimitReached',
    params: { max: 200_000, megabytes: 128 },
  });
  expect(first.checkpoints).toHaveLength(urlRunLimits.maxSessions / 5_000);
  const second = await runEndlessFeed(page, first.checkpoints.at(-1) ?? null);
  expect(second.checkpoints[0]).toBe('41');
});

// Verifies F-13.
it('URL feed: a run ends at its number of bytes', async () => {
  const padding = ' '.repeat(maxPageBytes - 100);
  const { error, sentBytes } = await runEndlessFeed((number) => `{"sessions":[],${padding}"next":"${number}"}`, null);
  expect(error).toMatchObject({ messageKey: 'feed.runLimitReached' });
  expect(sentBytes).toBeLessThan(urlRunLimits.maxBytes + maxPageBytes);
});
