/** Decides which fields of a tracked session an imported record changes. */
import {
  isFinalStatus,
  type Session,
  type SessionStatus,
  sessionField,
  type FieldChange,
  type SessionField,
} from '../../contract/index.ts';

const mergedFields = ['reference', 'amount', 'currency', 'subAccount', 'createdAt', 'expiresAt'] as const;
type MergedField = (typeof mergedFields)[number];

export type SessionFields = Readonly<Record<SessionField, string | null>>;

/** Returns an empty list if no field changed. An equal amount in another notation (`65.1`, `65.10`) is not a change. */
export function diffSessionFields(before: SessionFields, after: SessionFields): FieldChange[] {
  return sessionField.options
    .filter((field) => normalizeValue(field, before[field]) !== normalizeValue(field, after[field]))
    .map((field) => ({ fact: field, from: before[field], to: after[field] }));
}

function normalizeValue(field: SessionField, value: string | null): string | null {
  if (field !== 'amount' || value === null || !/^\d+\.\d+$/.test(value)) return value;
  return value.replace(/\.?0+$/, '');
}

/** A session as a file or a feed reports it; null for each field that the record does not contain. */
export interface ReportedSession extends Readonly<Pick<Session, 'id' | 'rawStatus' | 'rawDetail' | MergedField>> {
  readonly product: string;
  readonly status: SessionStatus | null;
  /** When the reported data was valid. null: not known, so the record only fills empty fields. */
  readonly updatedAt: string | null;
}

export interface MergedSession extends Readonly<Pick<Session, 'status' | 'rawStatus' | 'rawDetail' | MergedField>> {
  readonly reportedAt: string | null;
}

export type KnownSession = MergedSession & Readonly<Pick<Session, 'lastCheckedAt'>>;

/**
 * Returns the merged session, or null if nothing changes. `hasVisibleChange` is false if only `reportedAt` changes.
 * A record that is older than the known data, or whose age is not known, overwrites nothing; it fills empty fields.
 * A final status that was read from the provider stays, whatever the file contains.
 */
export function mergeReported(
  known: KnownSession,
  reported: ReportedSession,
): { readonly merged: MergedSession; readonly hasVisibleChange: boolean } | null {
  const lastKnownAt = laterOf(known.lastCheckedAt, known.reportedAt);
  const isNewer = reported.updatedAt !== null && (lastKnownAt === null || reported.updatedAt > lastKnownAt);
  const isConfirmedFinal = known.lastCheckedAt !== null && isFinalStatus(known.status);
  const hasNoStatusYet = known.status === 'unknown' && lastKnownAt === null && known.rawStatus === null;
  const shouldUpdateStatus = reported.status !== null && !isConfirmedFinal && (isNewer || hasNoStatusYet);
  const merged: MergedSession = {
    ...(Object.fromEntries(
      mergedFields.map((field) => [
        field,
        isNewer ? (reported[field] ?? known[field]) : (known[field] ?? reported[field]),
      ]),
    ) as Pick<MergedSession, MergedField>),
    ...(shouldUpdateStatus && reported.status !== null
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
          reportedAt: isNewer && !isConfirmedFinal ? reported.updatedAt : known.reportedAt,
        }),
  };
  const hasVisibleChange = (Object.keys(merged) as (keyof MergedSession)[]).some(
    (field) => field !== 'reportedAt' && merged[field] !== known[field],
  );
  return hasVisibleChange || merged.reportedAt !== known.reportedAt ? { merged, hasVisibleChange } : null;
}

function laterOf(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
