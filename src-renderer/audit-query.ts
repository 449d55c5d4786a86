/** The filter of the audit log in the URL. Days are UTC days, as the log counts them. */
import { auditAction, auditFilter } from './contract.ts';
import type { AuditFilter } from './contract.ts';

/** The contract's filter, with UTC days instead of instants. Both days are included. */
export type AuditQuery = Readonly<AuditFilter>;

export const emptyAuditQuery: AuditQuery = auditFilter.parse({});

/** Names of the fields in the URL. */
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

/** The UTC day `days` days after `day`, which is a day or an instant in milliseconds. */
export function addDays(day: string | number, days: number): string {
  return new Date((typeof day === 'number' ? day : Date.parse(`${day}T00:00:00Z`)) + days * dayMs)
    .toISOString()
    .slice(0, 10);
}

/** Every day from `from` to `to`, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Ignores invalid parameters: the URL may be typed by hand or come from another version. */
export function parseAuditQuery(query: Readonly<Record<string, unknown>>): AuditQuery {
  const text = (field: keyof AuditFilter, maxLength: number): string | null => {
    const param = query[urlParamNames[field]];
    const value = typeof param === 'string' ? param.trim() : '';
    return value !== '' && value.length <= maxLength ? value : null;
  };
  const day = (field: 'from' | 'to'): string | null => {
    const value = text(field, 10);
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
    auditFilterFields.flatMap((field) => {
      const value = query[field] ?? null;
      return value === null ? [] : [[urlParamNames[field], String(value)]];
    }),
  );
}

/** Undefined if the query has no filter. */
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
  return auditFilterFields.every((field) => query[field] === null);
}
