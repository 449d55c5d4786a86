import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../src-main/core/simulator/xendit-simulator.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const windowMs = 60_000;
const arbitraryGaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 });
const arbitraryLimits = fc.integer({ min: 1, max: 12 });

/** Sends requests with these gaps between them. Returns the window and the result of each request. */
function acquireAll(gapsMs: readonly number[], limit: number) {
  const window = new SlidingWindow(windowMs);
  let now = 1_000_000;
  return { window, results: gapsMs.map((gapMs) => ({ at: (now += gapMs), ...window.tryAcquire(now, limit) })) };
}

describe('SlidingWindow', () => {
  it('tryAcquire: never allows more than the limit in any window', () => {
    fc.assert(
      fc.property(arbitraryGaps, arbitraryLimits, (gapsMs, limit) => {
        const allowedTimes = acquireAll(gapsMs, limit)
          .results.filter(({ isAllowed }) => isAllowed)
          .map(({ at }) => at);
        for (const end of nonEmpty(allowedTimes)) {
          expect(allowedTimes.filter((at) => at <= end && end - at < windowMs).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('tryAcquire: refuses only if the limit is reached', () => {
    fc.assert(
      fc.property(arbitraryGaps, arbitraryLimits, (gapsMs, limit) => {
        const { results } = acquireAll(gapsMs, limit);
        for (const [index, result] of nonEmpty(results.entries())) {
          const earlier = results.slice(0, index).filter(({ isAllowed }) => isAllowed);
          const countInWindow = earlier.filter(({ at }) => result.at - at < windowMs).length;
          expect(result.isAllowed).toBe(countInWindow < limit);
          expect(result.remaining).toBe(limit - countInWindow - (result.isAllowed ? 1 : 0));
        }
      }),
    );
  });

  it('resetSeconds: a request after this time is allowed, and 100 ms earlier it is refused', () => {
    let refused = 0;
    fc.assert(
      fc.property(arbitraryGaps, arbitraryLimits, fc.boolean(), (gapsMs, limit, waitsLongEnough) => {
        const { window, results } = acquireAll(gapsMs, limit);
        const last = results.at(-1);
        if (last === undefined || last.isAllowed) return;
        const retryAt = last.at + last.resetSeconds * 1_000 - (waitsLongEnough ? 0 : 100);
        if (retryAt <= last.at) return;
        refused += 1;
        expect(window.tryAcquire(retryAt, limit).isAllowed).toBe(waitsLongEnough);
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  it('resetSeconds: has fractions of a second', () => {
    const window = new SlidingWindow(windowMs);
    window.tryAcquire(0, 1);
    expect(window.tryAcquire(1_630, 1)).toEqual({ isAllowed: false, limit: 1, remaining: 0, resetSeconds: 58.37 });
  });
});
