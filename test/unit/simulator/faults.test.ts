import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultKinds, faultDefinitions, routeKinds } from '../../../src-main/core/simulator/index.ts';
import type { FaultKind, FaultRule, RouteKind } from '../../../src-main/core/simulator/index.ts';
import { FaultInjector } from '../../../src-main/core/simulator/faults.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const cancel = { provider: 'flinks', route: 'cancel', id: 'a' } as const;
const selectFaults = (faults: FaultInjector, count: number) =>
  Array.from({ length: count }, () => faults.selectFault(cancel).rule?.fault ?? null);

describe('FaultInjector', () => {
  it('rule: skips the first matching requests, then applies the given number of times', () => {
    const faults = new FaultInjector();
    faults.setRules([{ route: 'cancel', fault: 'reset', skip: 1, times: 2 }]);
    expect(selectFaults(faults, 5)).toEqual([null, 'reset', 'reset', null, null]);
  });

  it('rule: applies only to its route, provider and session', () => {
    const faults = new FaultInjector();
    faults.setRules([{ route: 'cancel', fault: 'reset', provider: 'flinks', sessionId: 'a' }]);
    expect(faults.selectFault({ ...cancel, route: 'read' }).rule).toBeNull();
    expect(faults.selectFault({ ...cancel, provider: 'xendit' }).rule).toBeNull();
    expect(faults.selectFault({ ...cancel, id: 'b' }).rule).toBeNull();
    expect(faults.selectFault(cancel).rule?.fault).toBe('reset');
  });

  it('rules: apply in their order, and a latency is added to another fault', () => {
    const faults = new FaultInjector();
    faults.setRules([
      { route: 'cancel', fault: 'latency', delayMs: 40 },
      { route: 'cancel', fault: 'throttled', times: 1 },
      { route: 'cancel', fault: 'reset', times: 1 },
    ]);
    expect(selectFaults(faults, 3)).toEqual(['throttled', 'reset', null]);
    expect(faults.selectFault(cancel)).toEqual({ delayMs: 40, rule: null });
  });

  it('setRules: an empty list disables all faults', () => {
    const faults = new FaultInjector();
    faults.setRules([{ route: 'cancel', fault: 'reset' }]);
    faults.setRules([]);
    expect(selectFaults(faults, 2)).toEqual([null, null]);
  });

  it('probability: the same seed selects the same faults, about as often as configured', () => {
    const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const probabilities = fc.double({ min: 0.1, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(seeds, probabilities, (seed, probability) => {
        const [first, second] = [new FaultInjector(), new FaultInjector()];
        first.setRules([{ route: 'cancel', fault: 'server_error', probability }], seed);
        second.setRules([{ route: 'cancel', fault: 'server_error', probability }], seed);
        const selected = selectFaults(first, 2_000);
        expect(selectFaults(second, 2_000)).toEqual(selected);
        expect(Math.abs(selected.filter((fault) => fault !== null).length / 2_000 - probability)).toBeLessThan(0.07);
      }),
      { numRuns: 30 },
    );
  });

  it('setRules: rejects an unknown fault, an impossible route and an option that the fault does not have', () => {
    const faults = new FaultInjector();
    const set = (rule: FaultRule) => () => faults.setRules([rule]);
    expect(set({ route: 'cancel', fault: 'nonsense' as FaultKind })).toThrow('The fault "nonsense" does not exist.');
    expect(set({ route: 'authorize', fault: 'wrong_id' })).toThrow(
      'The fault wrong_id cannot occur on the route authorize.',
    );
    expect(set({ route: 'cancel', fault: 'redirect', processed: true })).toThrow('has no option "processed"');
  });

  it('setRules: accepts every fault on the routes of faultDefinitions and rejects it on the others', () => {
    const faults = new FaultInjector();
    for (const fault of nonEmpty(faultKinds)) {
      for (const route of nonEmpty(routeKinds)) {
        const rule: FaultRule = { route, fault };
        const routes: readonly RouteKind[] = faultDefinitions[fault].routes;
        if (routes.includes(route)) expect(() => faults.setRules([rule])).not.toThrow();
        else expect(() => faults.setRules([rule])).toThrow('cannot occur');
      }
    }
  });
});
