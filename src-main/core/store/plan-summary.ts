/** Adds a plan up, slice by slice, with exact sums: amounts are decimal text, and a floating point number would lose cents. */
import type { AgeBand, PlanSummary, Product, SessionStatus, Tally } from '../../contract/index.ts';

/** A summary as it grows; of connections only their ids, as their names may change. */
export type SummarySoFar = Omit<PlanSummary, 'connections'> & {
  readonly connections: ({ connectionId: string } & Tally)[];
};

export const emptySummary: SummarySoFar = { connections: [], products: [], statuses: [], ages: [], amounts: [] };

export interface SummedSession {
  readonly connectionId: string;
  readonly product: Product;
  readonly status: SessionStatus;
  readonly amount: string | null;
  readonly currency: string | null;
  /** When it was made, or first seen where nobody tells. */
  readonly createdAt: string;
  readonly asked: boolean;
}

/** The summary with these sessions in it; what was handed in stays as it was. `now` in milliseconds. */
export function withSessions(before: SummarySoFar, sessions: Iterable<SummedSession>, now: number): SummarySoFar {
  const sums = structuredClone(before);
  for (const { connectionId, product, status, amount, currency, createdAt, asked } of sessions) {
    const age = ageBandOf(createdAt, now);
    count(sums.connections, asked, (entry) => entry.connectionId === connectionId, { connectionId, ...none });
    count(sums.products, asked, (entry) => entry.product === product, { product, ...none });
    count(sums.statuses, asked, (entry) => entry.status === status, { status, ...none });
    count(sums.ages, asked, (entry) => entry.age === age, { age, ...none });
    if (!asked) continue;
    const sum = entryOf(sums.amounts, (entry) => entry.currency === currency, {
      currency,
      total: '0',
      sessions: 0,
      withoutAmount: 0,
    });
    const total = amount === null ? null : sumOf(sum.total, amount);
    sum.sessions += 1;
    if (total === null) sum.withoutAmount += 1;
    else sum.total = total;
  }
  return sums;
}

/** The exact sum of two decimal numbers in text, with as many digits after the point as the longer has; null where one is none. */
export function sumOf(one: string, other: string): string | null {
  const terms = [one, other].map((text) => /^(-?)(\d+)(?:\.(\d+))?$/.exec(text));
  if (terms.some((term) => term === null)) return null;
  const digits = Math.max(...terms.map((term) => term?.[3]?.length ?? 0));
  const scaled = terms.map(
    (term) => BigInt(`${term?.[2] ?? ''}${(term?.[3] ?? '').padEnd(digits, '0')}`) * (term?.[1] === '-' ? -1n : 1n),
  );
  const sum = scaled.reduce((total, term) => total + term, 0n);
  const text = (sum < 0n ? -sum : sum).toString().padStart(digits + 1, '0');
  const sign = sum < 0n ? '-' : '';
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

const hourMs = 3_600_000;
const bands: readonly (readonly [AgeBand, number])[] = [
  ['under_1_hour', hourMs],
  ['under_1_day', 24 * hourMs],
  ['under_7_days', 7 * 24 * hourMs],
  ['under_30_days', 30 * 24 * hourMs],
];

export function ageBandOf(createdAt: string, now: number): AgeBand {
  const age = now - Date.parse(createdAt);
  return bands.find(([, limit]) => age < limit)?.[0] ?? 'older';
}

const none: Tally = { sessions: 0, asked: 0 };

function count<Entry extends Tally>(
  entries: Entry[],
  asked: boolean,
  isOne: (entry: Entry) => boolean,
  fresh: Entry,
): void {
  const entry = entryOf(entries, isOne, fresh);
  entry.sessions += 1;
  if (asked) entry.asked += 1;
}

/** There are few of each kind. */
function entryOf<Entry>(entries: Entry[], isOne: (entry: Entry) => boolean, fresh: Entry): Entry {
  const found = entries.find(isOne);
  if (!found) entries.push(fresh);
  return found ?? fresh;
}
