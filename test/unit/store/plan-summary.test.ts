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

/** Hundred millionths, which is as fine as an amount can be. */
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

describe('the sum of two amounts', () => {
  it.each([
    ['0', '65.10', '65.10'],
    ['0.1', '0.2', '0.3'],
    ['1', '2', '3'],
    ['99.99', '0.01', '100.00'],
    ['0.05', '-0.10', '-0.05'],
    ['123456789012345678', '0.00000001', '123456789012345678.00000001'],
  ])('%s and %s is %s', (one, other, sum) => {
    expect(addDecimals(one, other)).toBe(sum);
    expect(addDecimals(other, one)).toBe(sum);
  });

  it('is exact for any two', () => {
    fc.assert(
      fc.property(arbitraryUnits, arbitraryUnits, (one, other) => {
        expect(addDecimals(formatDecimal(one), formatDecimal(other))).toBe(formatDecimal(one + other));
      }),
    );
  });

  it.each(['', '1e5', '1,000', '.5', 'NaN', '5.'])('is none where one of them is no number: %j', (text) => {
    expect(addDecimals('1', text)).toBeNull();
  });
});

describe('the summary of a plan', () => {
  it('is the same whatever slices it is added up in', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySession, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), (sessions, cut) => {
        const whole = addSessions(emptySummary, sessions, now);
        expect(addSessions(addSessions(emptySummary, sessions.slice(0, cut), now), sessions.slice(cut), now)).toEqual(
          whole,
        );
        expect(emptySummary.connections).toEqual([]);
      }),
    );
  });

  it('has every session once under each heading, and the amounts of those alone that are asked for', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySession, { maxLength: 60 }), (sessions) => {
        const { connections, products, statuses, ages, amounts } = addSessions(emptySummary, sessions, now);
        const asked = sessions.filter((each) => each.isEligible);
        for (const tallies of [connections, products, statuses, ages]) {
          expect(tallies.reduce((sum, tally) => sum + tally.sessions, 0)).toBe(sessions.length);
          expect(tallies.reduce((sum, tally) => sum + tally.asked, 0)).toBe(asked.length);
        }
        expect(amounts.reduce((sum, amount) => sum + amount.sessions, 0)).toBe(asked.length);
        for (const { currency, total, withoutAmount } of amounts) {
          const own = asked.filter((each) => each.currency === currency);
          const cents = own.reduce((sum, { amount }) => sum + Math.round(Number(amount ?? 0) * 100), 0);
          expect(Math.round(Number(total) * 100)).toBe(cents);
          expect(withoutAmount).toBe(own.filter(({ amount }) => amount === null).length);
        }
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
  ] as const)('says of a session made %d hours ago that it is %s', (hours, band) => {
    expect(getAgeBand(new Date(now - hours * hour).toISOString(), now)).toBe(band);
  });
});
