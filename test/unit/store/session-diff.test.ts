import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionFact } from '../../../src-main/contract/index.ts';
import { changedFacts, type Facts } from '../../../src-main/core/store/session-diff.ts';

const value = fc.option(fc.constantFrom('', 'a', '65.10', '65.1', '100', '100.00', '2026-11-01T00:00:00.000Z'), {
  nil: null,
});
const values = Object.fromEntries(sessionFact.options.map((fact) => [fact, value])) as Record<
  keyof Facts,
  typeof value
>;
const facts: fc.Arbitrary<Facts> = fc.record(values);
const nothing: Facts = {
  reference: null,
  amount: null,
  currency: null,
  subAccount: null,
  createdAt: null,
  expiresAt: null,
};

describe('the facts that changed', () => {
  it('are none between equals, and the same in both directions', () => {
    fc.assert(
      fc.property(facts, facts, (before, after) => {
        expect(changedFacts(before, before)).toEqual([]);
        const back = changedFacts(after, before).map(({ fact, from, to }) => ({ fact, from: to, to: from }));
        expect(changedFacts(before, after)).toEqual(back);
      }),
    );
  });

  it('tell, put over what was, all that is', () => {
    fc.assert(
      fc.property(facts, facts, (before, after) => {
        const told = Object.fromEntries(changedFacts(before, after).map(({ fact, to }) => [fact, to]));
        expect(changedFacts({ ...before, ...told }, after)).toEqual([]);
        for (const fact of sessionFact.options)
          if (fact !== 'amount') expect(fact in told).toBe(before[fact] !== after[fact]);
      }),
    );
  });

  it.each([
    ['65.10', '65.1', false],
    ['65.00', '65', false],
    ['0.0', '0', false],
    ['100', '10', true],
    ['100', '1', true],
    ['65.1', '65.01', true],
    [null, '65', true],
    ['65', null, true],
  ])('hold an amount of %s told as %s: %s', (from, to, isChanged) => {
    expect(changedFacts({ ...nothing, amount: from }, { ...nothing, amount: to })).toEqual(
      isChanged ? [{ fact: 'amount', from, to }] : [],
    );
  });
});
