import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../src-main/core/simulator/sliding-window.ts';

const windowMs = 60_000;
const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 });
const limits = fc.integer({ min: 1, max: 12 });

/** Requests at growing times, with what the window said to each. */
function run(steps: readonly number[], limit: number) {
  const window = new SlidingWindow(windowMs);
  let now = 1_000_000;
  return { window, seen: steps.map((gap) => ({ at: (now += gap), ...window.take(now, limit) })) };
}

describe('the sliding window', () => {
  it('never allows more than the limit in any stretch of its length', () => {
    fc.assert(
      fc.property(gaps, limits, (steps, limit) => {
        const allowed = run(steps, limit)
          .seen.filter((one) => one.allowed)
          .map((one) => one.at);
        for (const end of allowed) {
          expect(allowed.filter((at) => at <= end && end - at < windowMs).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('refuses only where the limit is reached', () => {
    fc.assert(
      fc.property(gaps, limits, (steps, limit) => {
        const { seen } = run(steps, limit);
        for (const [index, one] of seen.entries()) {
          const earlier = seen.slice(0, index).filter((other) => other.allowed);
          const before = earlier.filter((other) => one.at - other.at < windowMs).length;
          expect(one.allowed).toBe(before < limit);
          expect(one.remaining).toBe(limit - before - (one.allowed ? 1 : 0));
        }
      }),
    );
  });

  it('lets in who waits as long as told, and not who comes a tenth of a second sooner', () => {
    fc.assert(
      fc.property(gaps, limits, fc.boolean(), (steps, limit, patient) => {
        const { window, seen } = run(steps, limit);
        const last = seen.at(-1);
        if (last === undefined || last.allowed) return;
        const back = last.at + last.resetSeconds * 1_000 - (patient ? 0 : 100);
        if (back <= last.at) return;
        expect(window.take(back, limit).allowed).toBe(patient);
      }),
    );
  });

  it('speaks of fractions of a second', () => {
    const window = new SlidingWindow(windowMs);
    window.take(0, 1);
    expect(window.take(1_630, 1)).toEqual({ allowed: false, limit: 1, remaining: 0, resetSeconds: 58.37 });
  });
});
