/** Determines the eligibility of a session in a plan. */
import {
  eligibleForCancel,
  finalStatuses,
  staleAfterMinutes,
  type Product,
  type SessionStatus,
  type Eligibility,
} from '../../contract/index.ts';

/** The fields of a tracked session that its eligibility depends on. Instants are ISO 8601 text. */
export interface EligibilitySession {
  readonly product: Product;
  readonly status: SessionStatus;
  /** When its status was last read from the provider. */
  readonly lastCheckedAt: string | null;
  /** When its status was last reported by a file or a feed. */
  readonly reportedAt: string | null;
}

/** The properties of a session's connection that its eligibility depends on. */
export interface EligibilityConnection {
  readonly isLocked: boolean;
  readonly hasCredential: boolean;
  /** Whether the provider supports cancellation. */
  readonly canCancel: boolean;
  /** Whether this account may cancel e-Transfer sessions. */
  readonly canCancelETransfer: boolean;
}

/**
 * Returns the first eligibility that applies, in this order: final status, cancellation not supported, connection
 * locked, no credential; then for eligible sessions: earlier attempt unresolved, status stale.
 * `now` in milliseconds; `isUnresolved`: an earlier cancellation of the session has no known outcome.
 */
export function determineEligibility(
  session: EligibilitySession,
  isUnresolved: boolean,
  connection: EligibilityConnection,
  now: number,
): Eligibility {
  if (finalStatuses.some((status) => status === session.status)) return 'already_final';
  if (!connection.canCancel || (session.product === 'e_transfer' && !connection.canCancelETransfer))
    return 'not_offered';
  if (connection.isLocked) return 'connection_locked';
  if (!connection.hasCredential) return 'no_credential';
  if (isUnresolved) return 'unresolved';
  return isStale(session, now) ? 'stale' : 'will_cancel';
}

export function isEligible(eligibility: Eligibility): boolean {
  return eligibleForCancel.some((eligible) => eligible === eligibility);
}

/** Uses the later of the two instants. An instant too far in the future is stale as well: a clock is wrong. */
function isStale({ status, lastCheckedAt, reportedAt }: EligibilitySession, now: number): boolean {
  if (status === 'unknown') return true;
  const lastKnownAt = Math.max(
    ...[lastCheckedAt, reportedAt].map((at) => (at === null ? Number.NEGATIVE_INFINITY : Date.parse(at))),
  );
  return !(Math.abs(now - lastKnownAt) <= staleAfterMinutes * 60_000);
}
