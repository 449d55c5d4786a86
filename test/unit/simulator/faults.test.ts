import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultKinds, faultDefinitions, routeKinds } from '../../../src-main/core/simulator/index.ts';
import type { FaultKind, FaultRule, RouteKind } from '../../../src-main/core/simulator/index.ts';
import { FaultInjector } from '../../../src-main/core/simulator/faults.ts';

const cancel = { provider: 'flinks', route: 'cancel', id: 'a' } as const;
const drawFaults = (faults: FaultInjector, count: number) =>
  Array.from({ length: count }, () => faults.selectFault(cancel).rule?.fault ?? null);

describe('faults', () => {
  it('let pass what is to be skipped, happen as often as said, and then no more', () => {
    const faults = new FaultInjector();
    faults.setRules([{ route: 'cancel', fault: 'reset', skip: 1, times: 2 }]);
    expect(drawFaults(faults, 5)).toEqual([null, 'reset', 'reset', null, null]);
  });

  it('happen only where they are meant to', () => {
    const faults = new FaultInjector();
    faults.setRules([{ route: 'cancel', fault: 'reset', provider: 'flinks', sessionId: 'a' }]);
    expect(faults.selectFault({ ...cancel, route: 'read' }).rule).toBeNull();
    expect(faults.selectFault({ ...cancel, provider: 'xendit' }).rule).toBeNull();
    expect(faults.selectFault({ ...cancel, id: 'b' }).rule).toBeNull();
    expect(faults.selectFault(cancel).rule?.fault).toBe('reset');
  });

  it('come one after another where several rules are set, and a delay on top', () => {
    const faults = new FaultInjector();
    faults.setRules([
      { route: 'cancel', fault: 'latency', delayMs: 40 },
      { route: 'cancel', fault: 'throttled', times: 1 },
      { route: 'cancel', fault: 'reset', times: 1 },
    ]);
    expect(drawFaults(faults, 3)).toEqual(['throttled', 'reset', null]);
    expect(faults.selectFault(cancel)).toEqual({ delayMs: 40, rule: null });
  });

  it('end when they are set to none', () => {
    const faults = new FaultInjector();
    faults.setRules([{ route: 'cancel', fault: 'reset' }]);
    faults.setRules([]);
    expect(drawFaults(faults, 2)).toEqual([null, null]);
  });

  it('are the same for the same seed, and about as frequent as asked for', () => {
    const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const probabilities = fc.double({ min: 0.1, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(seeds, probabilities, (seed, probability) => {
        const [one, other] = [new FaultInjector(), new FaultInjector()];
        one.setRules([{ route: 'cancel', fault: 'server_error', probability }], seed);
        other.setRules([{ route: 'cancel', fault: 'server_error', probability }], seed);
        const drawn = drawFaults(one, 2_000);
        expect(drawFaults(other, 2_000)).toEqual(drawn);
        expect(Math.abs(drawn.filter((fault) => fault !== null).length / 2_000 - probability)).toBeLessThan(0.07);
      }),
      { numRuns: 30 },
    );
  });

  it('are refused where they make no sense', () => {
    const faults = new FaultInjector();
    const set = (rule: FaultRule) => () => faults.setRules([rule]);
    expect(set({ route: 'cancel', fault: 'nonsense' as FaultKind })).toThrow('There is no fault "nonsense".');
    expect(set({ route: 'authorize', fault: 'wrong_id' })).toThrow('The fault wrong_id cannot happen on authorize.');
    expect(set({ route: 'cancel', fault: 'redirect', processed: true })).toThrow('takes no "processed"');
  });

  it('of every kind are taken on every route the table names, and refused on the others', () => {
    const faults = new FaultInjector();
    for (const fault of faultKinds) {
      for (const route of routeKinds) {
        const rule: FaultRule = { route, fault };
        const routes: readonly RouteKind[] = faultDefinitions[fault].routes;
        if (routes.includes(route)) expect(() => faults.setRules([rule])).not.toThrow();
        else expect(() => faults.setRules([rule])).toThrow('cannot happen');
      }
    }
  });
});
