import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  product,
  sessionStatus,
  eligibleForCancel,
  finalStatuses,
  staleAfterMinutes,
  type Eligibility,
} from '../../../src-main/contract/index.ts';
import {
  getAgeBand,
  emptySummary,
  addDecimals,
  addSessions,
  type SummarizedSession,
  isEligible,
  determineEligibility,
  type EligibilityConnection,
  type EligibilitySession,
} from '../../../src-main/core/store/plan-evaluation.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const freshSession: EligibilitySession = {
  product: 'e_transfer',
  status: 'active',
  lastCheckedAt: minutesAgo(1),
  reportedAt: null,
};
const openConnection: EligibilityConnection = {
  isLocked: false,
  hasCredential: true,
  canCancel: true,
  canCancelETransfer: true,
};

interface EligibilityCase {
  readonly session?: Partial<EligibilitySession>;
  readonly connection?: Partial<EligibilityConnection>;
  readonly isUnresolved?: boolean;
  readonly eligibility: Eligibility;
}

describe('determineEligibility', () => {
  it.each<EligibilityCase>([
    { eligibility: 'will_cancel' },
    { session: { status: 'in_progress' }, eligibility: 'will_cancel' },
    { session: { status: 'completed_unfinished' }, eligibility: 'will_cancel' },
    { session: { lastCheckedAt: null, reportedAt: minutesAgo(14) }, eligibility: 'will_cancel' },
    { session: { lastCheckedAt: minutesAgo(600), reportedAt: minutesAgo(1) }, eligibility: 'will_cancel' },
    { session: { lastCheckedAt: minutesAgo(15) }, eligibility: 'will_cancel' },
    { session: { lastCheckedAt: minutesAgo(-2) }, eligibility: 'will_cancel' },
    { session: { lastCheckedAt: minutesAgo(15.01) }, eligibility: 'stale' },
    { session: { lastCheckedAt: minutesAgo(-60) }, eligibility: 'stale' },
    { session: { lastCheckedAt: null }, eligibility: 'stale' },
    { session: { lastCheckedAt: null, reportedAt: 'whenever' }, eligibility: 'stale' },
    { session: { status: 'unknown' }, eligibility: 'stale' },
    { isUnresolved: true, eligibility: 'unresolved' },
    { isUnresolved: true, session: { status: 'unknown', lastCheckedAt: null }, eligibility: 'unresolved' },
    { session: { status: 'expired', lastCheckedAt: null }, eligibility: 'already_final' },
    { connection: { hasCredential: false }, isUnresolved: true, eligibility: 'no_credential' },
    { connection: { isLocked: true, hasCredential: false }, eligibility: 'connection_locked' },
    { connection: { canCancelETransfer: false, isLocked: true, hasCredential: false }, eligibility: 'not_offered' },
    { connection: { canCancelETransfer: false }, session: { product: 'geft' }, eligibility: 'will_cancel' },
    { connection: { canCancel: false }, session: { product: 'geft' }, eligibility: 'not_offered' },
    {
      connection: { canCancel: false, isLocked: true, hasCredential: false },
      isUnresolved: true,
      session: { status: 'cancelled' },
      eligibility: 'already_final',
    },
  ])(
    'eligibility: $eligibility for session $session, connection $connection, unresolved $isUnresolved',
    ({ session, connection, isUnresolved, eligibility }) => {
      expect(
        determineEligibility(
          { ...freshSession, ...session },
          isUnresolved ?? false,
          { ...openConnection, ...connection },
          now,
        ),
      ).toBe(eligibility);
    },
  );

  const instant = fc.option(fc.integer({ min: -60, max: 60 }).map(minutesAgo), { nil: null });
  const anySession = fc.record({
    product: fc.constantFrom(...product.options),
    status: fc.constantFrom(...sessionStatus.options),
    lastCheckedAt: instant,
    reportedAt: instant,
  });
  const anyConnection = fc.record({
    isLocked: fc.boolean(),
    hasCredential: fc.boolean(),
    canCancel: fc.boolean(),
    canCancelETransfer: fc.boolean(),
  });

  it('eligibility: excludes exactly the sessions that are final, locked, not supported or without a credential', () => {
    fc.assert(
      fc.property(anySession, fc.boolean(), anyConnection, (session, isUnresolved, connection) => {
        const isExcluded =
          finalStatuses.some((final) => final === session.status) ||
          connection.isLocked ||
          !connection.hasCredential ||
          !connection.canCancel ||
          (session.product === 'e_transfer' && !connection.canCancelETransfer);
        expect(isEligible(determineEligibility(session, isUnresolved, connection, now))).toBe(!isExcluded);
      }),
    );
  });

  it('eligibility: will_cancel requires a known status that was checked or reported within 15 minutes', () => {
    // With any connection, one case in a hundred reaches the check.
    const mostlyOpen = fc.oneof({ weight: 4, arbitrary: fc.constant(openConnection) }, anyConnection);
    let count = 0;
    fc.assert(
      fc.property(anySession, fc.boolean(), mostlyOpen, (session, isUnresolved, connection) => {
        if (determineEligibility(session, isUnresolved, connection, now) !== 'will_cancel') return;
        count += 1;
        const distances = [session.lastCheckedAt, session.reportedAt].flatMap((at) =>
          at === null ? [] : [Math.abs(now - Date.parse(at))],
        );
        expect(isUnresolved).toBe(false);
        expect(session.status).not.toBe('unknown');
        expect(Math.min(...distances)).toBeLessThanOrEqual(staleAfterMinutes * 60_000);
      }),
      { numRuns: 1_000 },
    );
    expect(count).toBeGreaterThan(20);
  });

  it('isEligible: is true for every eligibility in eligibleForCancel', () => {
    expect(eligibleForCancel.map(isEligible)).toEqual([true, true, true]);
  });
});

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
