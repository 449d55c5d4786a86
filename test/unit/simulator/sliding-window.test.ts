import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../src-main/core/simulator/sliding-window.ts';

const windowMs = 60_000;
const arbitraryGaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 });
const arbitraryLimits = fc.integer({ min: 1, max: 12 });

/** Requests at growing times, with what the window said to each. */
function takeAll(steps: readonly number[], limit: number) {
  const window = new SlidingWindow(windowMs);
  let now = 1_000_000;
  return { window, seen: steps.map((gap) => ({ at: (now += gap), ...window.tryAcquire(now, limit) })) };
}

describe('the sliding window', () => {
  it('never allows more than the limit in any stretch of its length', () => {
    fc.assert(
      fc.property(arbitraryGaps, arbitraryLimits, (steps, limit) => {
        const allowed = takeAll(steps, limit)
          .seen.filter((one) => one.isAllowed)
          .map((one) => one.at);
        for (const end of allowed) {
          expect(allowed.filter((at) => at <= end && end - at < windowMs).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('refuses only where the limit is reached', () => {
    fc.assert(
      fc.property(arbitraryGaps, arbitraryLimits, (steps, limit) => {
        const { seen } = takeAll(steps, limit);
        for (const [index, one] of seen.entries()) {
          const earlier = seen.slice(0, index).filter((other) => other.isAllowed);
          const before = earlier.filter((other) => one.at - other.at < windowMs).length;
          expect(one.isAllowed).toBe(before < limit);
          expect(one.remaining).toBe(limit - before - (one.isAllowed ? 1 : 0));
        }
      }),
    );
  });

  it('lets in who waits as long as told, and not who comes a tenth of a second sooner', () => {
    fc.assert(
      fc.property(arbitraryGaps, arbitraryLimits, fc.boolean(), (steps, limit, patient) => {
        const { window, seen } = takeAll(steps, limit);
        const last = seen.at(-1);
        if (last === undefined || last.isAllowed) return;
        const back = last.at + last.resetSeconds * 1_000 - (patient ? 0 : 100);
        if (back <= last.at) return;
        expect(window.tryAcquire(back, limit).isAllowed).toBe(patient);
      }),
    );
  });

  it('speaks of fractions of a second', () => {
    const window = new SlidingWindow(windowMs);
    window.tryAcquire(0, 1);
    expect(window.tryAcquire(1_630, 1)).toEqual({ isAllowed: false, limit: 1, remaining: 0, resetSeconds: 58.37 });
  });
});
