import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionField } from '../../../src-main/contract/index.ts';
import { diffSessionFields, type SessionFields } from '../../../src-main/core/store/session-diff.ts';

const value = fc.option(fc.constantFrom('', 'a', '65.10', '65.1', '100', '100.00', '2026-11-01T00:00:00.000Z'), {
  nil: null,
});
const values = Object.fromEntries(sessionField.options.map((fact) => [fact, value])) as Record<
  keyof SessionFields,
  typeof value
>;
const arbitraryFields: fc.Arbitrary<SessionFields> = fc.record(values);
const emptyFields: SessionFields = {
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
      fc.property(arbitraryFields, arbitraryFields, (before, after) => {
        expect(diffSessionFields(before, before)).toEqual([]);
        const back = diffSessionFields(after, before).map(({ fact, from, to }) => ({ fact, from: to, to: from }));
        expect(diffSessionFields(before, after)).toEqual(back);
      }),
    );
  });

  it('tell, put over what was, all that is', () => {
    fc.assert(
      fc.property(arbitraryFields, arbitraryFields, (before, after) => {
        const told = Object.fromEntries(diffSessionFields(before, after).map(({ fact, to }) => [fact, to]));
        expect(diffSessionFields({ ...before, ...told }, after)).toEqual([]);
        for (const fact of sessionField.options)
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
    expect(diffSessionFields({ ...emptyFields, amount: from }, { ...emptyFields, amount: to })).toEqual(
      isChanged ? [{ fact: 'amount', from, to }] : [],
    );
  });
});
