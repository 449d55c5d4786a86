import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimiter, createRateLimitedProviders, defaultRateLimits } from '../../../src-main/core/rate-limit/index.ts';
import type { Account, Evidence, Provider, Providers, ReadResult } from '../../../src-main/core/providers/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const neverAborted = new AbortController().signal;

/** Asks `count` times at once; answers with when each began. */
function runBurst(rateLimiter: RateLimiter, count: number, durationMs = 0): number[] {
  const begun: number[] = [];
  const from = performance.now();
  for (let index = 0; index < count; index += 1) {
    void rateLimiter.schedule('a', neverAborted, async () => {
      begun.push(performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, durationMs));
    });
  }
  return begun;
}

describe('a pace', () => {
  it('spaces requests evenly and saves no pause up', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 10, maxInFlight: 4 }));
    await vi.advanceTimersByTimeAsync(5_000);
    const begun = runBurst(rateLimiter, 21);
    await vi.advanceTimersByTimeAsync(2_050);
    expect(begun).toHaveLength(21);
    expect(begun.every((at, index) => at >= index * 100 - 1)).toBe(true);
  });

  it('never has more in flight than allowed', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 2 }));
    const begun = runBurst(rateLimiter, 6, 500);
    await vi.advanceTimersByTimeAsync(400);
    expect(begun).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(begun).toHaveLength(6);
  });

  it('lets an operator’s own request begin at once, and the others wait the longer for it', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1, maxInFlight: 1 }));
    const begun = runBurst(rateLimiter, 3);
    await vi.advanceTimersByTimeAsync(10);
    let mine = -1;
    void rateLimiter.runNow('a', () => Promise.resolve(void (mine = performance.now())));
    const asked = performance.now();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(mine).toBe(asked);
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(begun).toHaveLength(3);
  });

  it('waits as long as the provider asks, and no connection waits for another', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 4 }));
    rateLimiter.pauseFor('a', 5_000);
    rateLimiter.pauseFor('a', 10);
    const begun = runBurst(rateLimiter, 2);
    let other = 0;
    void rateLimiter.schedule('b', neverAborted, () => Promise.resolve(void (other += 1)));
    await vi.advanceTimersByTimeAsync(4_900);
    expect([begun.length, other]).toEqual([0, 1]);
    expect(rateLimiter.remainingDelayMs('a')).toBeGreaterThan(50);
    await vi.advanceTimersByTimeAsync(200);
    expect(begun).toHaveLength(2);
  });

  it('can be changed while requests wait', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 0.1, maxInFlight: 4 }));
    const begun = runBurst(rateLimiter, 5);
    rateLimiter.setLimits('a', { perSecond: 100, maxInFlight: 4 });
    await vi.advanceTimersByTimeAsync(10_200);
    expect(begun).toHaveLength(5);
  });

  it('frees the place of a request whose caller stops', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1, maxInFlight: 1 }));
    const stop = new AbortController();
    runBurst(rateLimiter, 1);
    const waiting = rateLimiter.schedule('a', stop.signal, () => Promise.resolve('asked'));
    const outcome = expect(waiting).rejects.toThrow();
    stop.abort();
    await outcome;
    await expect(rateLimiter.schedule('a', stop.signal, () => Promise.resolve('asked'))).rejects.toThrow();
  });
});

describe('what prepares in its turn', () => {
  const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('takes no place among those in flight meanwhile, and a little of it is ready ahead', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 16 }));
    let prepared = 0;
    let sent = 0;
    for (let index = 0; index < 40; index += 1) {
      void rateLimiter.scheduleWithPrepare(
        'a',
        neverAborted,
        async () => {
          await pass(5);
          prepared += 1;
          return true;
        },
        async () => {
          sent += 1;
          await pass(500);
        },
      );
    }
    await vi.advanceTimersByTimeAsync(400);
    expect([prepared, sent]).toEqual([18, 16]);
    // None stands still for the preparation: the next two follow at once.
    await vi.advanceTimersByTimeAsync(108);
    expect(sent).toBeGreaterThanOrEqual(18);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([prepared, sent]).toEqual([40, 40]);
  });

  it('gives its turn back where nothing is to be sent', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1, maxInFlight: 4 }));
    let done = 0;
    for (let index = 0; index < 50; index += 1)
      void rateLimiter
        .scheduleWithPrepare(
          'a',
          neverAborted,
          () => Promise.resolve(false),
          () => Promise.resolve(),
        )
        .then((answer) => (done += answer === null ? 1 : 0));
    await vi.advanceTimersByTimeAsync(100);
    expect(done).toBe(50);
  });

  it('is not sent where the caller stops or the provider asks to wait before a place is free', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 8 }));
    const stop = new AbortController();
    let sent = 0;
    const turn = (signal: AbortSignal) =>
      rateLimiter.scheduleWithPrepare(
        'a',
        signal,
        () => Promise.resolve(true),
        async () => {
          sent += 1;
          await pass(1_000);
        },
      );
    const all = Array.from({ length: 8 }, () => turn(neverAborted));
    const ahead = turn(stop.signal);
    const outcome = expect(ahead).rejects.toThrow('Paused.');
    await vi.advanceTimersByTimeAsync(100);
    stop.abort(new Error('Paused.'));
    await outcome;
    all.push(turn(neverAborted));
    await vi.advanceTimersByTimeAsync(100);
    rateLimiter.pauseFor('a', 5_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(sent).toBe(8);
    await vi.advanceTimersByTimeAsync(4_000);
    await Promise.all(all);
    expect(sent).toBe(9);
  });
});

describe('paced providers', () => {
  const evidence: Evidence = {
    httpStatus: 200,
    providerCode: null,
    providerMessage: null,
    requestId: null,
    durationMs: 1,
  };
  const account = { connectionId: 'a' } as Account;
  const withAnswer = (answer: ReadResult): Providers => {
    const provider = { read: () => Promise.resolve(answer) } as unknown as Provider;
    return { flinks: provider, xendit: provider };
  };

  it('hold the others back when the provider says to slow down, by 429 or by its window', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 4 }));
    const throttled = createRateLimitedProviders(
      withAnswer({ kind: 'throttled', cause: 'throttled', retryAfterMs: 7_000, evidence }),
      rateLimiter,
      'operator',
    );
    await throttled.xendit.read(account, { id: '1', product: 'payment_session', subAccount: null }, neverAborted);
    expect(rateLimiter.remainingDelayMs('a')).toBe(7_000);
    const spent = createRateLimitedProviders(
      withAnswer({
        kind: 'not_found',
        cause: null,
        evidence: { ...evidence, rateLimit: { remaining: 0, resetMs: 9_000 } },
      }),
      rateLimiter,
      'operator',
    );
    await spent.xendit.read(account, { id: '1', product: 'payment_session', subAccount: null }, neverAborted);
    expect(rateLimiter.remainingDelayMs('a')).toBe(9_000);
  });

  it('answer as not sent where the caller stops before the turn comes', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 4 }));
    rateLimiter.pauseFor('a', 60_000);
    const stop = new AbortController();
    const providers = createRateLimitedProviders(
      withAnswer({ kind: 'not_found', cause: null, evidence }),
      rateLimiter,
      'background',
    );
    const reading = providers.flinks.read(account, { id: '1', product: 'geft', subAccount: null }, stop.signal);
    stop.abort();
    expect(await reading).toMatchObject({ kind: 'not_sent', cause: 'stopped_before_sending' });
  });

  it('have the limits that the providers publish', () => {
    const of = (provider: 'flinks' | 'xendit', environment: 'sandbox' | 'production') =>
      defaultRateLimits({ environment, options: { provider } as never });
    expect([of('flinks', 'production'), of('xendit', 'sandbox'), of('xendit', 'production')]).toEqual([
      { perSecond: 2, maxInFlight: 2 },
      { perSecond: 1, maxInFlight: 4 },
      { perSecond: 10, maxInFlight: 4 },
    ]);
  });
});

describe('a pace below what was set', () => {
  const evidence = (rateLimit?: { remaining: number; resetMs: number }) => ({
    evidence: rateLimit ? { rateLimit } : {},
  });
  const refused = { kind: 'throttled', retryAfterMs: 1_000, ...evidence() };
  const answered = { kind: 'cancelled', ...evidence() };

  it('falls by a quarter once for requests that were under way together, and rises again to what was set', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 40, maxInFlight: 8 }));
    await vi.advanceTimersByTimeAsync(10);
    const begunAt = performance.now();
    for (let count = 0; count < 5; count += 1) rateLimiter.observe('a', refused, begunAt);
    expect([rateLimiter.getAllowedPerSecond('a'), rateLimiter.remainingDelayMs('a')]).toEqual([30, 1_000]);
    await vi.advanceTimersByTimeAsync(2_000);
    rateLimiter.observe('a', refused, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBe(22.5);
    for (let count = 0; count < 20_000; count += 1) rateLimiter.observe('a', answered, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBe(40);
  });

  it('falls to what the provider took in the second before, and waits shortly where it was told no time', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 100, maxInFlight: 100 }));
    await vi.advanceTimersByTimeAsync(2_000);
    runBurst(rateLimiter, 60);
    await vi.advanceTimersByTimeAsync(999);
    rateLimiter.observe('a', { ...refused, retryAfterMs: 5_000, retryAfterProvided: false }, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBeCloseTo(0.98 * 60, 0);
    expect(rateLimiter.remainingDelayMs('a')).toBe(500);
    await vi.advanceTimersByTimeAsync(600);
    rateLimiter.observe('a', { ...refused, retryAfterProvided: false }, performance.now());
    expect(rateLimiter.getAllowedPerSecond('a')).toBeCloseTo(0.75 * 0.98 * 60, 0);
    expect(rateLimiter.remainingDelayMs('a')).toBe(1_000);
  });

  it('never falls so low that nothing moves, and starts anew where the operator sets another', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 64, maxInFlight: 8 }));
    for (let count = 0; count < 100; count += 1) {
      await vi.advanceTimersByTimeAsync(1);
      rateLimiter.observe('a', refused, performance.now());
    }
    expect(rateLimiter.getAllowedPerSecond('a')).toBe(1);
    rateLimiter.setLimits('a', { perSecond: 10, maxInFlight: 2 });
    expect([rateLimiter.getLimits('a'), rateLimiter.getAllowedPerSecond('a')]).toEqual([
      { perSecond: 10, maxInFlight: 2 },
      10,
    ]);
  });

  it('uses the provider’s window up and goes no further, counting what is under way', async () => {
    const rateLimiter = new RateLimiter(() => ({ perSecond: 1_000, maxInFlight: 100 }));
    rateLimiter.observe('a', { kind: 'cancelled', ...evidence({ remaining: 5, resetMs: 3_000 }) }, 0);
    const begun = runBurst(rateLimiter, 20);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(begun).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(200);
    expect(begun).toHaveLength(20);
  });

  it('keeps the rate that was set, and never runs ahead of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 130 }), { minLength: 50, maxLength: 50 }),
        async (perSecond, steps) => {
          const rateLimiter = new RateLimiter(() => ({ perSecond, maxInFlight: 1_000 }));
          const begun = runBurst(rateLimiter, 200);
          for (const step of steps) await vi.advanceTimersByTimeAsync(step);
          const elapsed = steps.reduce((sum, step) => sum + step, 0);
          expect(begun.every((at, index) => at >= (index * 1_000) / perSecond - 50 - 1)).toBe(true);
          expect(begun.length).toBeGreaterThanOrEqual(Math.min(200, Math.floor(((elapsed - 100) * perSecond) / 1_000)));
        },
      ),
      { numRuns: 30 },
    );
  });
});
