import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultKinds, faultTable, routeKinds } from '../../../src-main/core/simulator/index.ts';
import type { FaultKind, FaultRule, RouteKind } from '../../../src-main/core/simulator/index.ts';
import { Faults } from '../../../src-main/core/simulator/faults.ts';

const cancel = { provider: 'flinks', route: 'cancel', id: 'a' } as const;
const draws = (faults: Faults, count: number) =>
  Array.from({ length: count }, () => faults.draw(cancel).rule?.fault ?? null);

describe('faults', () => {
  it('let pass what is to be skipped, happen as often as said, and then no more', () => {
    const faults = new Faults();
    faults.set([{ route: 'cancel', fault: 'reset', skip: 1, times: 2 }]);
    expect(draws(faults, 5)).toEqual([null, 'reset', 'reset', null, null]);
  });

  it('happen only where they are meant to', () => {
    const faults = new Faults();
    faults.set([{ route: 'cancel', fault: 'reset', provider: 'flinks', sessionId: 'a' }]);
    expect(faults.draw({ ...cancel, route: 'read' }).rule).toBeNull();
    expect(faults.draw({ ...cancel, provider: 'xendit' }).rule).toBeNull();
    expect(faults.draw({ ...cancel, id: 'b' }).rule).toBeNull();
    expect(faults.draw(cancel).rule?.fault).toBe('reset');
  });

  it('come one after another where several rules are set, and a delay on top', () => {
    const faults = new Faults();
    faults.set([
      { route: 'cancel', fault: 'latency', delayMs: 40 },
      { route: 'cancel', fault: 'throttled', times: 1 },
      { route: 'cancel', fault: 'reset', times: 1 },
    ]);
    expect(draws(faults, 3)).toEqual(['throttled', 'reset', null]);
    expect(faults.draw(cancel)).toEqual({ delayMs: 40, rule: null });
  });

  it('end when they are set to none', () => {
    const faults = new Faults();
    faults.set([{ route: 'cancel', fault: 'reset' }]);
    faults.set([]);
    expect(draws(faults, 2)).toEqual([null, null]);
  });

  it('are the same for the same seed, and about as frequent as asked for', () => {
    const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const probabilities = fc.double({ min: 0.1, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(seeds, probabilities, (seed, probability) => {
        const [one, other] = [new Faults(), new Faults()];
        one.set([{ route: 'cancel', fault: 'server_error', probability }], seed);
        other.set([{ route: 'cancel', fault: 'server_error', probability }], seed);
        const drawn = draws(one, 2_000);
        expect(draws(other, 2_000)).toEqual(drawn);
        expect(Math.abs(drawn.filter((fault) => fault !== null).length / 2_000 - probability)).toBeLessThan(0.07);
      }),
      { numRuns: 30 },
    );
  });

  it('are refused where they make no sense', () => {
    const faults = new Faults();
    const set = (rule: FaultRule) => () => faults.set([rule]);
    expect(set({ route: 'cancel', fault: 'nonsense' as FaultKind })).toThrow('There is no fault "nonsense".');
    expect(set({ route: 'authorize', fault: 'wrong_id' })).toThrow('The fault wrong_id cannot happen on authorize.');
    expect(set({ route: 'cancel', fault: 'redirect', processed: true })).toThrow('takes no "processed"');
  });

  it('of every kind are taken on every route the table names, and refused on the others', () => {
    const faults = new Faults();
    for (const fault of faultKinds) {
      for (const route of routeKinds) {
        const rule: FaultRule = { route, fault };
        const on: readonly RouteKind[] = faultTable[fault].on;
        if (on.includes(route)) expect(() => faults.set([rule])).not.toThrow();
        else expect(() => faults.set([rule])).toThrow('cannot happen');
      }
    }
  });
});
