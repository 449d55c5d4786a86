/** A provider that takes so many requests in any one second, asked at a pace: its limit is used, and hardly ever hit. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RateLimiter } from '../../../src-main/core/rate-limit/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const neverAborted = new AbortController().signal;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The same numbers between 0 and 1 each time (a linear congruential generator). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

interface ProviderLimit {
  readonly maxPerSecond: number;
  readonly sendsRateLimitHeaders: boolean;
  readonly jitterMs: number;
}

function createProvider({ maxPerSecond, sendsRateLimitHeaders, jitterMs }: ProviderLimit) {
  const next = pseudoRandom(1);
  const taken: number[] = [];
  return async () => {
    await wait(5 + jitterMs * next());
    const now = performance.now();
    while ((taken[0] ?? now) <= now - 1_000) taken.shift();
    const isFree = taken.length < maxPerSecond;
    if (isFree) taken.push(now);
    const resetMs = Math.ceil(((taken[Math.max(0, taken.length - maxPerSecond)] ?? now) + 1_000 - now) / 10) * 10;
    const evidence = sendsRateLimitHeaders ? { rateLimit: { remaining: maxPerSecond - taken.length, resetMs } } : {};
    await wait(40 + jitterMs * next());
    return isFree
      ? { kind: 'cancelled', evidence }
      : { kind: 'throttled', retryAfterMs: 5_000, retryAfterProvided: false, evidence };
  };
}

/** Each asked until it is taken, behind a commit that takes a few milliseconds. Answers with milliseconds, and how often it was refused. */
async function runRequests(
  rateLimiter: RateLimiter,
  count: number,
  limit: ProviderLimit,
): Promise<{ ms: number; refused: number }> {
  const ask = createProvider(limit);
  const commit = pseudoRandom(2);
  let refused = 0;
  const from = performance.now();
  const one = async (): Promise<void> => {
    let begunAt = 0;
    const prepare = async () => {
      await wait(2 + (limit.jitterMs / 3) * commit());
      return true;
    };
    const begin = () => {
      begunAt = performance.now();
      return ask();
    };
    const answer = await rateLimiter.scheduleWithPrepare('a', neverAborted, prepare, begin);
    if (!answer) throw new Error('It gave its turn back.');
    rateLimiter.observe('a', answer, begunAt);
    if (answer.kind === 'cancelled') return;
    refused += 1;
    await one();
  };
  let left = count;
  const workers = Array.from({ length: 50 }, async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  });
  let ended = 0;
  void Promise.all(workers).then(() => (ended = performance.now()));
  while (ended === 0) await vi.advanceTimersByTimeAsync(1_000);
  return { ms: ended - from, refused };
}

const count = 1_500;
it.each([
  { requestsPerSecond: 50, maxPerSecond: 50, sendsRateLimitHeaders: true, jitterMs: 1 },
  { requestsPerSecond: 100, maxPerSecond: 50, sendsRateLimitHeaders: true, jitterMs: 6 },
  { requestsPerSecond: 50, maxPerSecond: 50, sendsRateLimitHeaders: false, jitterMs: 1 },
  { requestsPerSecond: 50, maxPerSecond: 50, sendsRateLimitHeaders: false, jitterMs: 6 },
  { requestsPerSecond: 100, maxPerSecond: 50, sendsRateLimitHeaders: false, jitterMs: 6 },
  { requestsPerSecond: 20, maxPerSecond: 10, sendsRateLimitHeaders: false, jitterMs: 6 },
])(
  'asked at $requestsPerSecond a second, one that takes $maxPerSecond (told: $sendsRateLimitHeaders, $jitterMs ms of jitter) is used and hardly hit',
  async ({ requestsPerSecond, ...limit }) => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: requestsPerSecond, maxInFlight: 25 }));
    const { ms, refused } = await runRequests(rateLimiter, count, limit);
    const share = { time: ms / ((count / limit.maxPerSecond) * 1_000), refused: refused / count };
    expect(share.time).toBeLessThan(1.03);
    expect(share.refused).toBeLessThan(0.01);
  },
  60_000,
);
