/** The audit log as its address says it: what it is narrowed to, in days as the log counts them (UTC). */
import { auditAction, auditFilter } from '../contract.ts';
import type { AuditFilter } from '../contract.ts';

/** The filter of the contract, with whole days in place of instants; both days included. */
export type AuditQuery = Readonly<AuditFilter>;

export const emptyAuditQuery: AuditQuery = auditFilter.parse({});

/** Their names in the address. */
const urlParamNames = {
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
export const auditFilterFields = Object.keys(urlParamNames) as (keyof AuditFilter)[];

const dayMs = 86_400_000;

export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
}

/** The day so many days after another, which may be today. */
export function addDays(day: string | number, days: number): string {
  return new Date((typeof day === 'number' ? day : Date.parse(`${day}T00:00:00Z`)) + days * dayMs)
    .toISOString()
    .slice(0, 10);
}

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** What an address does not say rightly is left open: it may have been typed by hand, or be of another version. */
export function parseAuditQuery(query: Readonly<Record<string, unknown>>): AuditQuery {
  const text = (part: keyof AuditFilter, longest: number): string | null => {
    const value = query[urlParamNames[part]];
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

export function toAuditUrlQuery(query: Partial<AuditQuery>): Record<string, string> {
  return Object.fromEntries(
    auditFilterFields.flatMap((part) => {
      const value = query[part] ?? null;
      return value === null ? [] : [[urlParamNames[part], String(value)]];
    }),
  );
}

/** Undefined where nothing is left out. */
export function toAuditFilter(query: AuditQuery): AuditFilter | undefined {
  if (isEmptyAuditQuery(query)) return undefined;
  const midnight = (day: string): string => `${day}T00:00:00.000Z`;
  return {
    ...query,
    from: query.from && midnight(query.from),
    to: query.to && midnight(addDays(query.to, 1)),
  };
}

export function isEmptyAuditQuery(query: AuditQuery): boolean {
  return auditFilterFields.every((part) => query[part] === null);
}
