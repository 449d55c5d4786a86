import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  askedVerdicts,
  finalStatuses,
  product,
  sessionStatus,
  staleAfterMinutes,
  type Verdict,
} from '../../../src-main/contract/index.ts';
import { isAsked, verdictOf, type JudgedConnection, type JudgedSession } from '../../../src-main/core/store/plan-eligibility.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const fresh: JudgedSession = { product: 'e_transfer', status: 'active', lastCheckedAt: ago(1), toldAt: null };
const open: JudgedConnection = { locked: false, hasCredential: true, canCancel: true, eTransferCancel: true };

interface Case {
  readonly session?: Partial<JudgedSession>;
  readonly connection?: Partial<JudgedConnection>;
  readonly unresolved?: boolean;
  readonly verdict: Verdict;
}

describe('the verdict on a session', () => {
  it.each<Case>([
    { verdict: 'will_cancel' },
    { session: { status: 'in_progress' }, verdict: 'will_cancel' },
    { session: { status: 'completed_unfinished' }, verdict: 'will_cancel' },
    { session: { lastCheckedAt: null, toldAt: ago(14) }, verdict: 'will_cancel' },
    { session: { lastCheckedAt: ago(600), toldAt: ago(1) }, verdict: 'will_cancel' },
    { session: { lastCheckedAt: ago(15) }, verdict: 'will_cancel' },
    { session: { lastCheckedAt: ago(-2) }, verdict: 'will_cancel' },
    { session: { lastCheckedAt: ago(15.01) }, verdict: 'stale' },
    { session: { lastCheckedAt: ago(-60) }, verdict: 'stale' },
    { session: { lastCheckedAt: null }, verdict: 'stale' },
    { session: { lastCheckedAt: null, toldAt: 'whenever' }, verdict: 'stale' },
    { session: { status: 'unknown' }, verdict: 'stale' },
    { unresolved: true, verdict: 'unresolved' },
    { unresolved: true, session: { status: 'unknown', lastCheckedAt: null }, verdict: 'unresolved' },
    { session: { status: 'expired', lastCheckedAt: null }, verdict: 'already_final' },
    { connection: { hasCredential: false }, unresolved: true, verdict: 'no_credential' },
    { connection: { locked: true, hasCredential: false }, verdict: 'connection_locked' },
    { connection: { eTransferCancel: false, locked: true, hasCredential: false }, verdict: 'not_offered' },
    { connection: { eTransferCancel: false }, session: { product: 'geft' }, verdict: 'will_cancel' },
    { connection: { canCancel: false }, session: { product: 'geft' }, verdict: 'not_offered' },
    {
      connection: { canCancel: false, locked: true, hasCredential: false },
      unresolved: true,
      session: { status: 'cancelled' },
      verdict: 'already_final',
    },
  ])('$verdict: $session $connection unresolved $unresolved', ({ session, connection, unresolved, verdict }) => {
    expect(verdictOf({ ...fresh, ...session }, unresolved ?? false, { ...open, ...connection }, now)).toBe(verdict);
  });

  const instant = fc.option(fc.integer({ min: -60, max: 60 }).map(ago), { nil: null });
  const anySession = fc.record({
    product: fc.constantFrom(...product.options),
    status: fc.constantFrom(...sessionStatus.options),
    lastCheckedAt: instant,
    toldAt: instant,
  });
  const anyConnection = fc.record({
    locked: fc.boolean(),
    hasCredential: fc.boolean(),
    canCancel: fc.boolean(),
    eTransferCancel: fc.boolean(),
  });

  it('asks for no session that is final, locked away, not offered or without a credential, and for every other one', () => {
    fc.assert(
      fc.property(anySession, fc.boolean(), anyConnection, (session, unresolved, connection) => {
        const kept =
          finalStatuses.some((final) => final === session.status) ||
          connection.locked ||
          !connection.hasCredential ||
          !connection.canCancel ||
          (session.product === 'e_transfer' && !connection.eTransferCancel);
        expect(isAsked(verdictOf(session, unresolved, connection, now))).toBe(!kept);
      }),
    );
  });

  it('says that it will cancel only what was told active, or on its way, within the last quarter of an hour', () => {
    fc.assert(
      fc.property(anySession, fc.boolean(), anyConnection, (session, unresolved, connection) => {
        if (verdictOf(session, unresolved, connection, now) !== 'will_cancel') return;
        const distances = [session.lastCheckedAt, session.toldAt].flatMap((at) =>
          at === null ? [] : [Math.abs(now - Date.parse(at))],
        );
        expect(unresolved).toBe(false);
        expect(session.status).not.toBe('unknown');
        expect(Math.min(...distances)).toBeLessThanOrEqual(staleAfterMinutes * 60_000);
      }),
    );
  });

  it('is one of those that are asked for, or leaves the session out', () => {
    expect(askedVerdicts.map(isAsked)).toEqual([true, true, true]);
  });
});
