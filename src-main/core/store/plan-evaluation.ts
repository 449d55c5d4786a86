/** Sums a plan up slice by slice. Amounts are decimal text and sums are exact; floating point would lose cents. */
import {
  type AgeBand,
  type PlanSummary,
  type Session,
  type PlanCount,
  eligibleForCancel,
  isFinalStatus,
  staleAfterMinutes,
  type Eligibility,
} from '../../contract/index.ts';

/** The fields of a tracked session that its eligibility depends on. Instants are ISO 8601 text. */
export interface EligibilitySession extends Readonly<Pick<Session, 'product' | 'status' | 'lastCheckedAt'>> {
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
  if (isFinalStatus(session.status)) return 'already_final';
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

/** A summary of the slices so far. Connections have only their ids, because their names may change. */
export type PartialPlanSummary = Omit<PlanSummary, 'connections'> & {
  readonly connections: ({ connectionId: string } & PlanCount)[];
};

export const emptySummary: PartialPlanSummary = { connections: [], products: [], statuses: [], ages: [], amounts: [] };

export interface SummarizedSession extends Readonly<
  Pick<Session, 'connectionId' | 'product' | 'status' | 'amount' | 'currency'>
> {
  /** When it was created; when it was first seen if the creation time is not known. */
  readonly createdAt: string;
  readonly isEligible: boolean;
}

/** Returns a new summary that includes these sessions; `before` is not changed. `now` in milliseconds. */
export function addSessions(
  before: PartialPlanSummary,
  sessions: Iterable<SummarizedSession>,
  now: number,
): PartialPlanSummary {
  const sums = structuredClone(before);
  for (const { connectionId, product, status, amount, currency, createdAt, isEligible } of sessions) {
    const age = getAgeBand(createdAt, now);
    countSession(sums.connections, isEligible, (entry) => entry.connectionId === connectionId, {
      connectionId,
      ...emptyCount,
    });
    countSession(sums.products, isEligible, (entry) => entry.product === product, { product, ...emptyCount });
    countSession(sums.statuses, isEligible, (entry) => entry.status === status, { status, ...emptyCount });
    countSession(sums.ages, isEligible, (entry) => entry.age === age, { age, ...emptyCount });
    if (!isEligible) continue;
    const sum = findOrAddEntry(sums.amounts, (entry) => entry.currency === currency, {
      currency,
      total: '0',
      sessions: 0,
      withoutAmount: 0,
    });
    const total = amount === null ? null : addDecimals(sum.total, amount);
    sum.sessions += 1;
    if (total === null) sum.withoutAmount += 1;
    else sum.total = total;
  }
  return sums;
}

/**
 * Returns the exact sum of two decimal numbers in text, with as many fraction digits as the longer one has; null if
 * one of them is not a decimal number.
 */
export function addDecimals(a: string, b: string): string | null {
  const terms = [a, b].map((text) => /^(-?)(\d+)(?:\.(\d+))?$/.exec(text));
  if (terms.some((term) => term === null)) return null;
  const fractionDigits = Math.max(...terms.map((term) => term?.[3]?.length ?? 0));
  const scaled = terms.map(
    (term) =>
      BigInt(`${term?.[2] ?? ''}${(term?.[3] ?? '').padEnd(fractionDigits, '0')}`) * (term?.[1] === '-' ? -1n : 1n),
  );
  const sum = scaled.reduce((total, term) => total + term, 0n);
  const text = (sum < 0n ? -sum : sum).toString().padStart(fractionDigits + 1, '0');
  const sign = sum < 0n ? '-' : '';
  return fractionDigits === 0
    ? `${sign}${text}`
    : `${sign}${text.slice(0, -fractionDigits)}.${text.slice(-fractionDigits)}`;
}

const hourMs = 3_600_000;
const ageBands: readonly (readonly [AgeBand, number])[] = [
  ['under_1_hour', hourMs],
  ['under_1_day', 24 * hourMs],
  ['under_7_days', 7 * 24 * hourMs],
  ['under_30_days', 30 * 24 * hourMs],
];

export function getAgeBand(createdAt: string, now: number): AgeBand {
  const age = now - Date.parse(createdAt);
  return ageBands.find(([, limit]) => age < limit)?.[0] ?? 'older';
}

const emptyCount: PlanCount = { sessions: 0, asked: 0 };

function countSession<Entry extends PlanCount>(
  entries: Entry[],
  isEligible: boolean,
  matches: (entry: Entry) => boolean,
  newEntry: Entry,
): void {
  const entry = findOrAddEntry(entries, matches, newEntry);
  entry.sessions += 1;
  if (isEligible) entry.asked += 1;
}

/** A linear search is enough: each list has few entries. */
function findOrAddEntry<Entry>(entries: Entry[], matches: (entry: Entry) => boolean, newEntry: Entry): Entry {
  const existing = entries.find(matches);
  if (!existing) entries.push(newEntry);
  return existing ?? newEntry;
}
