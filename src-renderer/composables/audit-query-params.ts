/** The audit log as its address says it: what it is narrowed to, in days as the log counts them (UTC). */
import { auditAction, auditFilter } from '../contract.ts';
import type { AuditFilter } from '../contract.ts';

/** The filter of the contract, with whole days in place of instants; both days included. */
export type AuditListing = Readonly<AuditFilter>;

export const wholeLog: AuditListing = auditFilter.parse({});

/** Their names in the address. */
const names = {
  from: 'from',
  to: 'to',
  operator: 'operator',
  action: 'action',
  outcome: 'outcome',
  connectionId: 'connection',
  sessionKey: 'session',
  sessionId: 'id',
  batchId: 'batch',
} as const satisfies Record<keyof AuditFilter, string>;
export const auditParts = Object.keys(names) as (keyof AuditFilter)[];

const dayMs = 86_400_000;

export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
}

/** The day so many days after another, which may be today. */
export function dayAfter(day: string | number, days: number): string {
  return new Date((typeof day === 'number' ? day : Date.parse(`${day}T00:00:00Z`)) + days * dayMs)
    .toISOString()
    .slice(0, 10);
}

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = dayAfter(day, 1)) days.push(day);
  return days;
}

/** What an address does not say rightly is left open: it may have been typed by hand, or be of another version. */
export function parseAuditListing(query: Readonly<Record<string, unknown>>): AuditListing {
  const text = (part: keyof AuditFilter, longest: number): string | null => {
    const value = query[names[part]];
    return typeof value === 'string' && value.trim() !== '' && value.trim().length <= longest ? value.trim() : null;
  };
  const day = (part: 'from' | 'to'): string | null => {
    const value = text(part, 10);
    return value !== null && isDay(value) ? value : null;
  };
  const key = /^[1-9]\d{0,14}$/.exec(text('sessionKey', 15) ?? '')?.[0];
  return {
    from: day('from'),
    to: day('to'),
    operator: text('operator', 200),
    action: auditAction.safeParse(text('action', 80)).data ?? null,
    outcome: text('outcome', 80),
    connectionId: text('connectionId', 100),
    sessionKey: key ? Number(key) : null,
    sessionId: text('sessionId', 200),
    batchId: text('batchId', 100),
  };
}

export function auditQueryOf(listing: Partial<AuditListing>): Record<string, string> {
  return Object.fromEntries(
    auditParts.flatMap((part) => {
      const value = listing[part] ?? null;
      return value === null ? [] : [[names[part], String(value)]];
    }),
  );
}

/** Undefined where nothing is left out. */
export function auditFilterOf(listing: AuditListing): AuditFilter | undefined {
  if (isWholeLog(listing)) return undefined;
  const midnight = (day: string): string => `${day}T00:00:00.000Z`;
  return {
    ...listing,
    from: listing.from && midnight(listing.from),
    to: listing.to && midnight(dayAfter(listing.to, 1)),
  };
}

export function isWholeLog(listing: AuditListing): boolean {
  return auditParts.every((part) => listing[part] === null);
}
