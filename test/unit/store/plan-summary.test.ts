import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { product, sessionStatus } from '../../../src-main/contract/index.ts';
import {
  getAgeBand,
  emptySummary,
  addDecimals,
  addSessions,
  type SummarizedSession,
} from '../../../src-main/core/store/plan-summary.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const hour = 3_600_000;

/** In units of 0.00000001, the smallest unit of an amount. */
const arbitraryUnits = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
function formatDecimal(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(9, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`;
}

const arbitrarySession: fc.Arbitrary<SummarizedSession> = fc.record({
  connectionId: fc.constantFrom('c1', 'c2'),
  product: fc.constantFrom(...product.options),
  status: fc.constantFrom(...sessionStatus.options),
  amount: fc.option(
    fc.integer({ min: 0, max: 100_000 }).map((cents) => (cents / 100).toFixed(2)),
    { nil: null },
  ),
  currency: fc.option(fc.constantFrom('CAD', 'IDR'), { nil: null }),
  createdAt: fc.integer({ min: 0, max: 2_000 }).map((hours) => new Date(now - hours * hour).toISOString()),
  isEligible: fc.boolean(),
});

describe('addDecimals', () => {
  it.each([
    ['0', '65.10', '65.10'],
    ['0.1', '0.2', '0.3'],
    ['1', '2', '3'],
    ['99.99', '0.01', '100.00'],
    ['0.05', '-0.10', '-0.05'],
    ['123456789012345678', '0.00000001', '123456789012345678.00000001'],
  ])('addDecimals: %s + %s = %s', (a, b, sum) => {
    expect(addDecimals(a, b)).toBe(sum);
    expect(addDecimals(b, a)).toBe(sum);
  });

  it('addDecimals: is exact for any two amounts', () => {
    fc.assert(
      fc.property(arbitraryUnits, arbitraryUnits, (a, b) => {
        expect(addDecimals(formatDecimal(a), formatDecimal(b))).toBe(formatDecimal(a + b));
      }),
    );
  });

  it.each(['', '1e5', '1,000', '.5', 'NaN', '5.'])('addDecimals: returns null for the invalid amount %j', (text) => {
    expect(addDecimals('1', text)).toBeNull();
  });
});

describe('addSessions', () => {
  it('plan summary: does not depend on how the sessions are sliced', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySession, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), (sessions, cut) => {
        const expected = addSessions(emptySummary, sessions, now);
        expect(addSessions(addSessions(emptySummary, sessions.slice(0, cut), now), sessions.slice(cut), now)).toEqual(
          expected,
        );
        expect(emptySummary.connections).toEqual([]);
      }),
    );
  });

  it('plan summary: counts every session once per group and sums the amounts of eligible sessions only', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySession, { maxLength: 60 }), (sessions) => {
        const { connections, products, statuses, ages, amounts } = addSessions(emptySummary, sessions, now);
        const eligible = sessions.filter((session) => session.isEligible);
        for (const counts of [connections, products, statuses, ages]) {
          expect(counts.reduce((sum, count) => sum + count.sessions, 0)).toBe(sessions.length);
          expect(counts.reduce((sum, count) => sum + count.asked, 0)).toBe(eligible.length);
        }
        expect(amounts.reduce((sum, amount) => sum + amount.sessions, 0)).toBe(eligible.length);
        const expectedAmounts = amounts.map(({ currency }) => {
          const inCurrency = eligible.filter((session) => session.currency === currency);
          const cents = inCurrency.reduce((sum, { amount }) => sum + Math.round(Number(amount ?? 0) * 100), 0);
          return { cents, withoutAmount: inCurrency.filter(({ amount }) => amount === null).length };
        });
        expect(
          amounts.map(({ total, withoutAmount }) => ({ cents: Math.round(Number(total) * 100), withoutAmount })),
        ).toEqual(expectedAmounts);
      }),
    );
  });

  it.each([
    [0, 'under_1_hour'],
    [0.99, 'under_1_hour'],
    [1, 'under_1_day'],
    [24, 'under_7_days'],
    [7 * 24, 'under_30_days'],
    [30 * 24, 'older'],
    [-5, 'under_1_hour'],
  ] as const)('getAgeBand: a session created %d hours ago is in %s', (hours, band) => {
    expect(getAgeBand(new Date(now - hours * hour).toISOString(), now)).toBe(band);
  });
});
