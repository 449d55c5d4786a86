/** Looks things up in a provider's tables, and the rows of the error table that HTTP itself gives every provider. */
import type { SessionStatus } from '../../contract/index.ts';
import type { ErrorRow, StateRow } from './provider.ts';

/** One spelling for a status: lower case, one L in `canceled` (contradiction 1). Compared whole, never by part. */
export function foldStatus(word: string): string {
  const folded = word.trim().toLowerCase();
  return folded === 'cancelled' ? 'canceled' : folded;
}

export function stateFrom(
  table: readonly StateRow[],
  status: string | null,
  code: string | null,
): { status: SessionStatus; final: boolean } {
  const word = status === null ? null : foldStatus(status);
  const folded = code === null ? null : code.trim().toUpperCase();
  const row = table.find(({ word: wanted, codes }) => wanted === word && (codes === 'any' || codes.includes(folded)));
  return row ? { status: row.status, final: row.final } : { status: 'unknown', final: false };
}

/** What an answer outside 2xx means. Every status has a row in the end. */
export function errorFrom(table: readonly ErrorRow[], httpStatus: number, code: string | null): ErrorRow['verdict'] {
  const fits = ({ http, code: wanted }: ErrorRow): boolean => {
    const [from, to] = typeof http === 'number' ? [http, http] : http;
    return httpStatus >= from && httpStatus <= to && (wanted === undefined || wanted === code);
  };
  return [...table, ...commonErrors].find(fits)?.verdict ?? { kind: 'unclear', cause: 'status_unexpected' };
}

const requestInvalid = { kind: 'refused', cause: 'request_invalid' } as const;

const commonErrors: readonly ErrorRow[] = [
  // Not a plain no: a 303 is how some servers answer a POST they have carried out.
  { http: [300, 399], verdict: { kind: 'unclear', cause: 'redirected' } },
  { http: 400, verdict: requestInvalid },
  { http: 401, verdict: { kind: 'refused', cause: 'unauthorized' } },
  { http: 403, verdict: { kind: 'refused', cause: 'forbidden' } },
  { http: 404, verdict: { kind: 'not_found' } },
  { http: 405, verdict: { kind: 'refused', cause: 'endpoint_off' } },
  { http: 408, verdict: { kind: 'unclear', cause: 'timed_out' } },
  { http: 411, verdict: requestInvalid },
  { http: [413, 415], verdict: requestInvalid },
  { http: 429, verdict: { kind: 'throttled' } },
  { http: 431, verdict: requestInvalid },
  { http: [500, 599], verdict: { kind: 'unclear', cause: 'server_error' } },
];
