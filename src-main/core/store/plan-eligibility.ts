/** Decides what a plan says of a session before anything is asked. */
import {
  eligibleForCancel,
  finalStatuses,
  staleAfterMinutes,
  type Product,
  type SessionStatus,
  type Eligibility,
} from '../../contract/index.ts';

/** A session as the registry knows it. Instants as text. */
export interface EligibilitySession {
  readonly product: Product;
  readonly status: SessionStatus;
  /** When its provider was last asked, and when a file or a feed last told its status. */
  readonly lastCheckedAt: string | null;
  readonly reportedAt: string | null;
}

/** What a plan has to know of the connection that a session belongs to. */
export interface EligibilityConnection {
  readonly isLocked: boolean;
  readonly hasCredential: boolean;
  /** Whether its provider can cancel at all, and whether this account may cancel e-Transfer sessions. */
  readonly canCancel: boolean;
  readonly canCancelETransfer: boolean;
}

/**
 * The first that fits, in this order: what nothing can change; what this account can never do; what somebody chose; what
 * has to be mended first. Of the sessions that will be asked for: what is resolved first, then what is read first.
 * `now` in milliseconds; `unresolved`: an earlier cancel of it has no known outcome.
 */
export function determineEligibility(
  session: EligibilitySession,
  unresolved: boolean,
  connection: EligibilityConnection,
  now: number,
): Eligibility {
  if (finalStatuses.some((status) => status === session.status)) return 'already_final';
  if (!connection.canCancel || (session.product === 'e_transfer' && !connection.canCancelETransfer))
    return 'not_offered';
  if (connection.isLocked) return 'connection_locked';
  if (!connection.hasCredential) return 'no_credential';
  if (unresolved) return 'unresolved';
  return isStale(session, now) ? 'stale' : 'will_cancel';
}

export function isEligible(verdict: Eligibility): boolean {
  return eligibleForCancel.some((asked) => asked === verdict);
}

/** By the later of the two instants. One that lies ahead by as much is no newer: some clock is wrong. */
function isStale({ status, lastCheckedAt, reportedAt }: EligibilitySession, now: number): boolean {
  if (status === 'unknown') return true;
  const told = Math.max(
    ...[lastCheckedAt, reportedAt].map((at) => (at === null ? Number.NEGATIVE_INFINITY : Date.parse(at))),
  );
  return !(Math.abs(now - told) <= staleAfterMinutes * 60_000);
}
