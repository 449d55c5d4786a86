/** Lookups in the status and error tables of a provider, and the error rows that all providers share. */
import type { SessionStatus } from '../../contract/index.ts';
import type { ErrorMapping, StatusMapping } from './provider.ts';

/** Lower case with one spelling of `canceled` (contradiction 1). Only the complete status is compared. */
export function normalizeStatus(rawStatus: string): string {
  const lowerCase = rawStatus.trim().toLowerCase();
  return lowerCase === 'cancelled' ? 'canceled' : lowerCase;
}

/** The status for a provider's status and code; `unknown` and not final if no row matches. */
export function findStatus(
  table: readonly StatusMapping[],
  rawStatus: string | null,
  code: string | null,
): { status: SessionStatus; isFinal: boolean } {
  const normalizedStatus = rawStatus === null ? null : normalizeStatus(rawStatus);
  const normalizedCode = code === null ? null : code.trim().toUpperCase();
  const row = table.find(
    (each) => each.rawStatus === normalizedStatus && (each.codes === 'any' || each.codes.includes(normalizedCode)),
  );
  return row ? { status: row.status, isFinal: row.isFinal } : { status: 'unknown', isFinal: false };
}

/** The meaning of a response outside 2xx. A status without a row is unclear. */
export function findErrorOutcome(
  table: readonly ErrorMapping[],
  httpStatus: number,
  code: string | null,
): ErrorMapping['outcome'] {
  const matches = (row: ErrorMapping): boolean => {
    const [from, to] = typeof row.httpStatus === 'number' ? [row.httpStatus, row.httpStatus] : row.httpStatus;
    return httpStatus >= from && httpStatus <= to && (row.code === undefined || row.code === code);
  };
  return [...table, ...commonErrorMappings].find(matches)?.outcome ?? { kind: 'unclear', cause: 'status_unexpected' };
}

const requestInvalidOutcome = { kind: 'refused', cause: 'request_invalid' } as const;

const commonErrorMappings: readonly ErrorMapping[] = [
  // Unclear, because some servers return a 303 after they processed a POST.
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
