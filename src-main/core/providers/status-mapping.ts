/** Looks things up in a provider's tables, and the rows of the error table that HTTP itself gives every provider. */
import type { SessionStatus } from '../../contract/index.ts';
import type { ErrorMapping, StatusMapping } from './provider.ts';

/** One spelling for a status: lower case, one L in `canceled` (contradiction 1). Compared whole, never by part. */
export function normalizeStatus(word: string): string {
  const folded = word.trim().toLowerCase();
  return folded === 'cancelled' ? 'canceled' : folded;
}

export function findStatus(
  table: readonly StatusMapping[],
  status: string | null,
  code: string | null,
): { status: SessionStatus; isFinal: boolean } {
  const word = status === null ? null : normalizeStatus(status);
  const folded = code === null ? null : code.trim().toUpperCase();
  const row = table.find(
    ({ rawStatus: wanted, codes }) => wanted === word && (codes === 'any' || codes.includes(folded)),
  );
  return row ? { status: row.status, isFinal: row.isFinal } : { status: 'unknown', isFinal: false };
}

/** What an answer outside 2xx means. Every status has a row in the end. */
export function findErrorOutcome(
  table: readonly ErrorMapping[],
  httpStatus: number,
  code: string | null,
): ErrorMapping['outcome'] {
  const fits = ({ httpStatus: http, code: wanted }: ErrorMapping): boolean => {
    const [from, to] = typeof http === 'number' ? [http, http] : http;
    return httpStatus >= from && httpStatus <= to && (wanted === undefined || wanted === code);
  };
  return [...table, ...commonErrorMappings].find(fits)?.outcome ?? { kind: 'unclear', cause: 'status_unexpected' };
}

const requestInvalidOutcome = { kind: 'refused', cause: 'request_invalid' } as const;

const commonErrorMappings: readonly ErrorMapping[] = [
  // Not a plain no: a 303 is how some servers answer a POST they have carried out.
  { httpStatus: [300, 399], outcome: { kind: 'unclear', cause: 'redirected' } },
  { httpStatus: 400, outcome: requestInvalidOutcome },
  { httpStatus: 401, outcome: { kind: 'refused', cause: 'unauthorized' } },
  { httpStatus: 403, outcome: { kind: 'refused', cause: 'forbidden' } },
  { httpStatus: 404, outcome: { kind: 'not_found' } },
  { httpStatus: 405, outcome: { kind: 'refused', cause: 'endpoint_off' } },
  { httpStatus: 408, outcome: { kind: 'unclear', cause: 'timed_out' } },
  { httpStatus: 411, outcome: requestInvalidOutcome },
  { httpStatus: [413, 415], outcome: requestInvalidOutcome },
  { httpStatus: 429, outcome: { kind: 'throttled' } },
  { httpStatus: 431, outcome: requestInvalidOutcome },
  { httpStatus: [500, 599], outcome: { kind: 'unclear', cause: 'server_error' } },
];
