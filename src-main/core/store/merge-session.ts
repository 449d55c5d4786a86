/** Decides what an imported line changes of a session that is known already. */
import { finalStatuses, type SessionStatus } from '../../contract/index.ts';

/** A session as a file or a feed tells it. null where it says nothing. */
export interface ToldSession {
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
  readonly toldAt: string | null;
}

const facts = ['reference', 'amount', 'currency', 'subAccount', 'createdAt', 'expiresAt'] as const;

export type Changed = Pick<KnownSession, (typeof facts)[number] | 'status' | 'rawStatus' | 'rawDetail' | 'toldAt'>;

/**
 * What the session becomes, or null where nothing is learnt. `visible` is false where only its age is. An older reading, or one of unknown age, never overwrites: it
 * fills in what is missing. A state the provider itself called final stays, whatever a file says.
 */
export function mergeTold(
  known: KnownSession,
  told: ToldSession,
): { readonly next: Changed; readonly visible: boolean } | null {
  const newest = newerOf(known.lastCheckedAt, known.toldAt);
  const isNewer = told.updatedAt !== null && (newest === null || told.updatedAt > newest);
  const isSettled = known.lastCheckedAt !== null && finalStatuses.some((status) => status === known.status);
  const saysNothingYet = known.status === 'unknown' && newest === null && known.rawStatus === null;
  const takesState = told.status !== null && !isSettled && (isNewer || saysNothingYet);
  const next: Changed = {
    ...(Object.fromEntries(
      facts.map((fact) => [fact, isNewer ? (told[fact] ?? known[fact]) : (known[fact] ?? told[fact])]),
    ) as Pick<Changed, (typeof facts)[number]>),
    ...(takesState && told.status !== null
      ? {
          status: told.status,
          rawStatus: told.rawStatus,
          rawDetail: told.rawDetail,
          toldAt: told.updatedAt ?? known.toldAt,
        }
      : {
          status: known.status,
          rawStatus: known.rawStatus,
          rawDetail: known.rawDetail,
          toldAt: isNewer && !isSettled ? told.updatedAt : known.toldAt,
        }),
  };
  const visible = (Object.keys(next) as (keyof Changed)[]).some(
    (field) => field !== 'toldAt' && next[field] !== known[field],
  );
  return visible || next.toldAt !== known.toldAt ? { next, visible } : null;
}

function newerOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
