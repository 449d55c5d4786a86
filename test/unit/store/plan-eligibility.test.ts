import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eligibleForCancel,
  finalStatuses,
  product,
  sessionStatus,
  staleAfterMinutes,
  type Eligibility,
} from '../../../src-main/contract/index.ts';
import {
  isEligible,
  determineEligibility,
  type EligibilityConnection,
  type EligibilitySession,
} from '../../../src-main/core/store/plan-eligibility.ts';

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
