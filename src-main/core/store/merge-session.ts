/** Decides what an imported line changes of a session that is known already. */
import { finalStatuses, type SessionStatus } from '../../contract/index.ts';

/** A session as a file or a feed tells it. null where it says nothing. */
export interface ReportedSession {
  readonly id: string;
  readonly product: string;
  readonly reference: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly status: SessionStatus | null;
  readonly rawStatus: string | null;
  readonly rawDetail: string | null;
  readonly subAccount: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  /** When what it says was true; null: nobody knows, so it only fills gaps. */
  readonly updatedAt: string | null;
}

export interface KnownSession {
  readonly reference: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly subAccount: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly status: SessionStatus;
  readonly rawStatus: string | null;
  readonly rawDetail: string | null;
  readonly lastCheckedAt: string | null;
  readonly reportedAt: string | null;
}

const mergedFields = ['reference', 'amount', 'currency', 'subAccount', 'createdAt', 'expiresAt'] as const;

export type MergedSession = Pick<
  KnownSession,
  (typeof mergedFields)[number] | 'status' | 'rawStatus' | 'rawDetail' | 'reportedAt'
>;

/**
 * What the session becomes, or null where nothing is learnt. `hasVisibleChange` is false where only its age is. An older reading, or one of unknown age, never overwrites: it
 * fills in what is missing. A state the provider itself called final stays, whatever a file says.
 */
export function mergeReported(
  known: KnownSession,
  reported: ReportedSession,
): { readonly merged: MergedSession; readonly hasVisibleChange: boolean } | null {
  const newest = laterOf(known.lastCheckedAt, known.reportedAt);
  const isNewer = reported.updatedAt !== null && (newest === null || reported.updatedAt > newest);
  const isSettled = known.lastCheckedAt !== null && finalStatuses.some((status) => status === known.status);
  const saysNothingYet = known.status === 'unknown' && newest === null && known.rawStatus === null;
  const takesState = reported.status !== null && !isSettled && (isNewer || saysNothingYet);
  const merged: MergedSession = {
    ...(Object.fromEntries(
      mergedFields.map((fact) => [fact, isNewer ? (reported[fact] ?? known[fact]) : (known[fact] ?? reported[fact])]),
    ) as Pick<MergedSession, (typeof mergedFields)[number]>),
    ...(takesState && reported.status !== null
      ? {
          status: reported.status,
          rawStatus: reported.rawStatus,
          rawDetail: reported.rawDetail,
          reportedAt: reported.updatedAt ?? known.reportedAt,
        }
      : {
          status: known.status,
          rawStatus: known.rawStatus,
          rawDetail: known.rawDetail,
          reportedAt: isNewer && !isSettled ? reported.updatedAt : known.reportedAt,
        }),
  };
  const hasVisibleChange = (Object.keys(merged) as (keyof MergedSession)[]).some(
    (field) => field !== 'reportedAt' && merged[field] !== known[field],
  );
  return hasVisibleChange || merged.reportedAt !== known.reportedAt ? { merged, hasVisibleChange } : null;
}

function laterOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
