/** The rate limiter against a provider with a limit per second: it uses the limit and rarely exceeds it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RateLimiter } from '../../../src-main/core/rate-limit/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const neverAborted = new AbortController().signal;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Reproducible numbers between 0 and 1 (a linear congruential generator). */
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
  const random = pseudoRandom(1);
  const acceptedTimes: number[] = [];
  return async () => {
    await wait(5 + jitterMs * random());
    const now = performance.now();
    while ((acceptedTimes[0] ?? now) <= now - 1_000) acceptedTimes.shift();
    const isAllowed = acceptedTimes.length < maxPerSecond;
    if (isAllowed) acceptedTimes.push(now);
    const resetMs =
      Math.ceil(((acceptedTimes[Math.max(0, acceptedTimes.length - maxPerSecond)] ?? now) + 1_000 - now) / 10) * 10;
    const evidence = sendsRateLimitHeaders
      ? { rateLimit: { remaining: maxPerSecond - acceptedTimes.length, resetMs } }
      : {};
    await wait(40 + jitterMs * random());
    return isAllowed
      ? { kind: 'cancelled', evidence }
      : { kind: 'throttled', retryAfterMs: 5_000, retryAfterProvided: false, evidence };
  };
}

/**
 * Sends `count` requests, each after a simulated commit of a few milliseconds, and repeats refused ones. Returns the
 * duration in milliseconds and the number of refusals.
 */
async function runRequests(
  rateLimiter: RateLimiter,
  count: number,
  limit: ProviderLimit,
): Promise<{ durationMs: number; refusedCount: number }> {
  const request = createProvider(limit);
  const random = pseudoRandom(2);
  let refusedCount = 0;
  const startedAt = performance.now();
  const sendUntilAccepted = async (): Promise<void> => {
    const permit = await rateLimiter.acquire('a', neverAborted);
    await wait(2 + (limit.jitterMs / 3) * random());
    const result = await permit?.send(request);
    if (!result) throw new Error('The request was not sent.');
    if (result.kind === 'cancelled') return;
    refusedCount += 1;
    await sendUntilAccepted();
  };
  let remaining = count;
  const workers = Array.from({ length: 50 }, async () => {
    while (remaining > 0) {
      remaining -= 1;
      await sendUntilAccepted();
    }
  });
  let endedAt = 0;
  void Promise.all(workers).then(() => (endedAt = performance.now()));
  while (endedAt === 0) await vi.advanceTimersByTimeAsync(1_000);
  return { durationMs: endedAt - startedAt, refusedCount };
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
  'rate: $requestsPerSecond/s, provider limit $maxPerSecond/s, headers: $sendsRateLimitHeaders, jitter $jitterMs ms',
  async ({ requestsPerSecond, ...limit }) => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: requestsPerSecond, maxInFlight: 25 }));
    const { durationMs, refusedCount } = await runRequests(rateLimiter, count, limit);
    const minDurationMs = (count / limit.maxPerSecond) * 1_000;
    expect(durationMs / minDurationMs).toBeLessThan(1.03);
    expect(refusedCount / count).toBeLessThan(0.01);
  },
  60_000,
);
