import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionField } from '../../../src-main/contract/index.ts';
import { diffSessionFields, type SessionFields } from '../../../src-main/core/store/session-diff.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const value = fc.option(fc.constantFrom('', 'a', '65.10', '65.1', '100', '100.00', '2026-11-01T00:00:00.000Z'), {
  nil: null,
});
const values = Object.fromEntries(sessionField.options.map((field) => [field, value])) as Record<
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

describe('diffSessionFields', () => {
  it('session diff: is empty for equal sessions and symmetric', () => {
    fc.assert(
      fc.property(arbitraryFields, arbitraryFields, (before, after) => {
        expect(diffSessionFields(before, before)).toEqual([]);
        const reversed = diffSessionFields(after, before).map(({ fact, from, to }) => ({ fact, from: to, to: from }));
        expect(diffSessionFields(before, after)).toEqual(reversed);
      }),
    );
  });

  it('session diff: applied to the session before, gives the session after', () => {
    fc.assert(
      fc.property(arbitraryFields, arbitraryFields, (before, after) => {
        const changes = Object.fromEntries(diffSessionFields(before, after).map(({ fact, to }) => [fact, to]));
        expect(diffSessionFields({ ...before, ...changes }, after)).toEqual([]);
        for (const field of nonEmpty(sessionField.options))
          if (field !== 'amount') expect(field in changes).toBe(before[field] !== after[field]);
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
  ])('session diff: amount %s to %s is a change: %s', (from, to, isChanged) => {
    expect(diffSessionFields({ ...emptyFields, amount: from }, { ...emptyFields, amount: to })).toEqual(
      isChanged ? [{ fact: 'amount', from, to }] : [],
    );
  });
});
