import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimiter, createRateLimitedProviders, defaultRateLimits } from '../../../src-main/core/rate-limit/index.ts';
import type { Account, Evidence, Provider, Providers, ReadResult } from '../../../src-main/core/providers/index.ts';
import { nonEmpty } from '../../support/non-empty.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const neverAborted = new AbortController().signal;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const acceptedResult = { kind: 'cancelled', evidence: {} };

/** Sends a request that the provider accepts. Resolves to null if the signal aborts first. */
async function schedule(
  rateLimiter: RateLimiter,
  connectionId: string,
  signal: AbortSignal,
  action: () => Promise<unknown>,
) {
  const permit = await rateLimiter.acquire(connectionId, signal);
  return (await permit?.send(async () => (await action(), acceptedResult))) ?? null;
}

/** Schedules `count` requests at the same time. Returns the list to which each request adds its start time. */
function runBurst(rateLimiter: RateLimiter, count: number, durationMs = 0): number[] {
  const startTimes: number[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    void schedule(rateLimiter, 'a', neverAborted, async () => {
      startTimes.push(performance.now() - startedAt);
      await wait(durationMs);
    });
  }
  return startTimes;
}

describe('RateLimiter', () => {
  it('acquire: spaces requests evenly, without a burst after a pause', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 10, maxInFlight: 4 }));
    await vi.advanceTimersByTimeAsync(5_000);
    const startTimes = runBurst(rateLimiter, 21);
    await vi.advanceTimersByTimeAsync(2_050);
    expect(startTimes).toHaveLength(21);
    expect(nonEmpty(startTimes).every((at, index) => at >= index * 100 - 1)).toBe(true);
  });

  it('acquire: never exceeds the maximum number of requests in flight', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 2 }));
    const startTimes = runBurst(rateLimiter, 6, 500);
    await vi.advanceTimersByTimeAsync(400);
    expect(startTimes).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(startTimes).toHaveLength(6);
  });

  it('acquireNow: starts immediately and delays the scheduled requests', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1, maxInFlight: 1 }));
    const startTimes = runBurst(rateLimiter, 3);
    await vi.advanceTimersByTimeAsync(10);
    let runAt = -1;
    void rateLimiter.acquireNow('a').send(() => Promise.resolve(((runAt = performance.now()), acceptedResult)));
    const requestedAt = performance.now();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(runAt).toBe(requestedAt);
    expect(startTimes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(startTimes).toHaveLength(3);
  });

  it('pauseFor: delays only its connection, for the longest requested time', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 4 }));
    rateLimiter.pauseFor('a', 5_000);
    rateLimiter.pauseFor('a', 10);
    const startTimes = runBurst(rateLimiter, 2);
    let otherCount = 0;
    void schedule(rateLimiter, 'b', neverAborted, () => Promise.resolve((otherCount += 1)));
    await vi.advanceTimersByTimeAsync(4_900);
    expect([startTimes.length, otherCount]).toEqual([0, 1]);
    expect(rateLimiter.remainingDelayMs('a')).toBeGreaterThan(50);
    await vi.advanceTimersByTimeAsync(200);
    expect(startTimes).toHaveLength(2);
  });

  it('setLimits: applies to queued requests', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 0.1, maxInFlight: 4 }));
    const startTimes = runBurst(rateLimiter, 5);
    rateLimiter.setLimits('a', { perSecond: 100, maxInFlight: 4 });
    await vi.advanceTimersByTimeAsync(10_200);
    expect(startTimes).toHaveLength(5);
  });

  it('acquire: resolves to null if the signal aborts before the start', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1, maxInFlight: 1 }));
    const controller = new AbortController();
    runBurst(rateLimiter, 1);
    const waiting = rateLimiter.acquire('a', controller.signal);
    controller.abort();
    expect(await waiting).toBeNull();
    expect(await rateLimiter.acquire('a', controller.signal)).toBeNull();
  });
});

describe('Permit', () => {
  it('reserved: does not count as in flight, and an eighth of the maximum is reserved in advance', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 16 }));
    let prepared = 0;
    let sent = 0;
    for (let index = 0; index < 40; index += 1) {
      void rateLimiter.acquire('a', neverAborted).then(async (permit) => {
        await wait(5);
        prepared += 1;
        await permit?.send(async () => {
          sent += 1;
          await wait(500);
          return acceptedResult;
        });
      });
    }
    await vi.advanceTimersByTimeAsync(400);
    expect([prepared, sent, rateLimiter.getInFlight('a')]).toEqual([18, 16, 16]);
    // The next two requests are prepared already and start immediately.
    await vi.advanceTimersByTimeAsync(108);
    expect(sent).toBeGreaterThanOrEqual(18);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([prepared, sent, rateLimiter.getInFlight('a')]).toEqual([40, 40, 0]);
  });

  it('release: an unused permit gives its start time back, once', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1, maxInFlight: 4 }));
    let releasedCount = 0;
    for (let index = 0; index < 50; index += 1)
      void rateLimiter.acquire('a', neverAborted).then((permit) => {
        permit?.release();
        permit?.release();
        releasedCount += 1;
      });
    await vi.advanceTimersByTimeAsync(100);
    expect(releasedCount).toBe(50);
    const startTimes = runBurst(rateLimiter, 3);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(startTimes).toHaveLength(2);
  });

  it('release: has no effect after send, also if the request failed', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 1 }));
    const permit = rateLimiter.acquireNow('a');
    await expect(permit.send(() => Promise.reject(new Error('The request failed.')))).rejects.toThrow();
    permit.release();
    expect(rateLimiter.getInFlight('a')).toBe(0);
    const startTimes = runBurst(rateLimiter, 2, 500);
    await vi.advanceTimersByTimeAsync(100);
    expect(startTimes).toHaveLength(1);
  });

  it('send: a waiting request is not sent if the signal aborts, and waits if the connection is paused', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 8 }));
    const controller = new AbortController();
    let sent = 0;
    const scheduleRequest = (signal: AbortSignal) =>
      schedule(rateLimiter, 'a', signal, async () => {
        sent += 1;
        await wait(1_000);
      });
    const requests = Array.from({ length: 8 }, () => scheduleRequest(neverAborted));
    const preparedRequest = scheduleRequest(controller.signal);
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(new Error('Paused.'));
    expect(await preparedRequest).toBeNull();
    requests.push(scheduleRequest(neverAborted));
    await vi.advanceTimersByTimeAsync(100);
    rateLimiter.pauseFor('a', 5_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(sent).toBe(8);
    await vi.advanceTimersByTimeAsync(4_000);
    await Promise.all(requests);
    expect(sent).toBe(9);
  });
});

describe('createRateLimitedProviders', () => {
  const evidence: Evidence = {
    httpStatus: 200,
    providerCode: null,
    providerMessage: null,
    requestId: null,
    durationMs: 1,
  };
  const account = { connectionId: 'a' } as Account;
  const createProviders = (result: ReadResult): Providers => {
    const provider = { read: () => Promise.resolve(result) } as unknown as Provider;
    return { flinks: provider, xendit: provider };
  };

  it('read: a 429 or an exhausted window pauses the connection', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 4 }));
    const throttled = createRateLimitedProviders(
      createProviders({ kind: 'throttled', cause: 'throttled', retryAfterMs: 7_000, evidence }),
      rateLimiter,
      'operator',
    );
    await throttled.xendit.read(account, { id: '1', product: 'payment_session', subAccount: null }, neverAborted);
    expect(rateLimiter.remainingDelayMs('a')).toBe(7_000);
    const exhausted = createRateLimitedProviders(
      createProviders({
        kind: 'not_found',
        cause: null,
        evidence: { ...evidence, rateLimit: { remaining: 0, resetMs: 9_000 } },
      }),
      rateLimiter,
      'operator',
    );
    await exhausted.xendit.read(account, { id: '1', product: 'payment_session', subAccount: null }, neverAborted);
    expect(rateLimiter.remainingDelayMs('a')).toBe(9_000);
  });

  it('read: has the result not_sent if the signal aborts before the start', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 4 }));
    rateLimiter.pauseFor('a', 60_000);
    const controller = new AbortController();
    const providers = createRateLimitedProviders(
      createProviders({ kind: 'not_found', cause: null, evidence }),
      rateLimiter,
      'background',
    );
    const reading = providers.flinks.read(account, { id: '1', product: 'geft', subAccount: null }, controller.signal);
    controller.abort();
    expect(await reading).toMatchObject({ kind: 'not_sent', cause: 'stopped_before_sending' });
  });

  it('defaultRateLimits: are the limits that the providers publish', () => {
    const limitsOf = (provider: 'flinks' | 'xendit', environment: 'sandbox' | 'production') =>
      defaultRateLimits({ environment, options: { provider } as never });
    expect([limitsOf('flinks', 'production'), limitsOf('xendit', 'sandbox'), limitsOf('xendit', 'production')]).toEqual(
      [
        { perSecond: 2, maxInFlight: 2 },
        { perSecond: 1, maxInFlight: 4 },
        { perSecond: 10, maxInFlight: 4 },
      ],
    );
  });
});

describe('RateLimiter.observe', () => {
  const evidence = (rateLimit?: { remaining: number; resetMs: number }) => ({
    evidence: rateLimit ? { rateLimit } : {},
  });
  const throttled = { kind: 'throttled', retryAfterMs: 1_000, ...evidence() };
  const accepted = { kind: 'cancelled', ...evidence() };

  it('429: lowers the rate by a quarter once for concurrent requests, and the rate rises again', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 40, maxInFlight: 8 }));
    await vi.advanceTimersByTimeAsync(10);
    const sentAt = performance.now();
    for (let count = 0; count < 5; count += 1) rateLimiter.observe('a', throttled, sentAt);
    expect([rateLimiter.getAllowedPerSecond('a'), rateLimiter.remainingDelayMs('a')]).toEqual([30, 1_000]);
    await vi.advanceTimersByTimeAsync(2_000);
    rateLimiter.observe('a', throttled, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBe(22.5);
    for (let count = 0; count < 20_000; count += 1) rateLimiter.observe('a', accepted, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBe(40);
  });

  it('429 without Retry-After: lowers the rate to the requests of the last second and waits 500 ms', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 100 }));
    await vi.advanceTimersByTimeAsync(2_000);
    runBurst(rateLimiter, 60);
    await vi.advanceTimersByTimeAsync(999);
    rateLimiter.observe('a', { ...throttled, retryAfterMs: 5_000, retryAfterProvided: false }, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBeCloseTo(0.98 * 60, 0);
    expect(rateLimiter.remainingDelayMs('a')).toBe(500);
    await vi.advanceTimersByTimeAsync(600);
    rateLimiter.observe('a', { ...throttled, retryAfterProvided: false }, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBeCloseTo(0.75 * 0.98 * 60, 0);
    expect(rateLimiter.remainingDelayMs('a')).toBe(1_000);
  });

  it('429: the rate stays above a minimum, and setLimits resets it', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 64, maxInFlight: 8 }));
    for (let count = 0; count < 100; count += 1) {
      await vi.advanceTimersByTimeAsync(1);
      rateLimiter.observe('a', throttled, performance.now());
    }
    expect(rateLimiter.getAllowedPerSecond('a')).toBe(1);
    rateLimiter.setLimits('a', { perSecond: 10, maxInFlight: 2 });
    expect([rateLimiter.getLimits('a'), rateLimiter.getAllowedPerSecond('a')]).toEqual([
      { perSecond: 10, maxInFlight: 2 },
      10,
    ]);
  });

  it('Rate-Limit headers: the window is used up and not exceeded', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 100 }));
    rateLimiter.observe('a', { kind: 'cancelled', ...evidence({ remaining: 5, resetMs: 3_000 }) }, 0);
    const startTimes = runBurst(rateLimiter, 20);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(startTimes).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(200);
    expect(startTimes).toHaveLength(20);
  });

  it('acquire: late timers are compensated, and the rate never exceeds the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 130 }), { minLength: 50, maxLength: 50 }),
        async (perSecond, stepsMs) => {
          const rateLimiter = new RateLimiter(() => ({ perSecond, maxInFlight: 1_000 }));
          const startTimes = runBurst(rateLimiter, 200);
          for (const stepMs of stepsMs) await vi.advanceTimersByTimeAsync(stepMs);
          const elapsedMs = stepsMs.reduce((sum, stepMs) => sum + stepMs, 0);
          expect(nonEmpty(startTimes).every((at, index) => at >= (index * 1_000) / perSecond - 50 - 1)).toBe(true);
          expect(startTimes.length).toBeGreaterThanOrEqual(
            Math.min(200, Math.floor(((elapsedMs - 100) * perSecond) / 1_000)),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});
