/** Maps an exchange to evidence and to results. This part is the same for all providers and operations. */
import { assertNever, type Cause, type SessionStatus } from '../../contract/index.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { CancelResult, ErrorMapping, Evidence, CommonErrorResult, ReadResult, StatusMapping } from './provider.ts';
import { redact, safeToken } from './redact.ts';
import { hasRetryAfter, parseRateLimit, parseRetryAfterMs } from './response-parser.ts';

/** The code and message of a provider's error body; null if the body does not contain them. */
export interface ErrorDetails {
  readonly code: string | null;
  readonly message: string | null;
}

/** Every result that is not a success. A read reports `unclear` as `unreadable`. */
export type ErrorResult =
  CommonErrorResult | { readonly kind: 'final' } | { readonly kind: 'unclear'; readonly cause: Cause };

/** `startedAt` is `performance.now()` at the start of the operation. Evidence contains none of `sensitiveTexts`. */
export function createEvidence(
  exchange: HttpExchange,
  errorDetails: ErrorDetails,
  sensitiveTexts: readonly string[],
  startedAt: number,
): Evidence {
  const emptyEvidence = createEmptyEvidence(startedAt);
  switch (exchange.class) {
    case 'not_sent':
      return { ...emptyEvidence, ...(exchange.detail !== null && { networkCode: exchange.detail }) };
    case 'unknown':
      return {
        ...emptyEvidence,
        httpStatus: exchange.httpStatus,
        ...(exchange.detail !== null && { networkCode: exchange.detail }),
      };
    case 'answered': {
      const { headers, httpStatus, reasonPhrase } = exchange;
      const message = errorDetails.message ?? (httpStatus >= 300 ? reasonPhrase : null);
      const rateLimit = parseRateLimit(headers);
      return {
        ...emptyEvidence,
        httpStatus,
        // A code that redaction would change is discarded.
        providerCode:
          errorDetails.code === redact(errorDetails.code ?? '', sensitiveTexts)
            ? safeToken(errorDetails.code, sensitiveTexts, 64)
            : null,
        providerMessage: message === null ? null : redact(message, sensitiveTexts),
        // The exact name of the header is not documented (providers.md 2.1).
        requestId: safeToken(headers['request-id'] ?? headers['x-request-id'], sensitiveTexts),
        ...(rateLimit && { rateLimit }),
      };
    }
    default:
      return assertNever(exchange);
  }
}

export function createEmptyEvidence(startedAt: number): Evidence {
  return {
    httpStatus: null,
    providerCode: null,
    providerMessage: null,
    requestId: null,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/**
 * Maps a failed exchange. Callers pass a 2xx only if the operation expects an error. Then the response is not from this
 * provider.
 */
export function toErrorResult(
  exchange: HttpExchange,
  errors: readonly ErrorMapping[],
  errorDetails: ErrorDetails,
): ErrorResult {
  switch (exchange.class) {
    case 'not_sent':
      return { kind: 'not_sent', cause: exchange.cause };
    case 'unknown':
      return { kind: 'unclear', cause: exchange.cause };
    case 'answered': {
      if (getSuccessBody(exchange) !== null) return { kind: 'unclear', cause: 'answer_unreadable' };
      const outcome = findErrorOutcome(errors, exchange.httpStatus, errorDetails.code);
      if (outcome.kind === 'not_found') return { kind: 'not_found', cause: null };
      if (outcome.kind !== 'throttled') return outcome;
      return {
        kind: 'throttled',
        cause: 'throttled',
        retryAfterMs: parseRetryAfterMs(exchange.headers),
        ...(!hasRetryAfter(exchange.headers) && { retryAfterProvided: false }),
      };
    }
    default:
      return assertNever(exchange);
  }
}

type ReadErrorResult = CommonErrorResult | { readonly kind: 'unreadable'; readonly cause: Cause };

/** Maps the error of a read. A read cannot fail because the session is final, so `final` is an invalid request. */
export function toReadErrorResult(errorResult: ErrorResult): ReadErrorResult {
  if (errorResult.kind === 'final') return { kind: 'refused', cause: 'request_invalid' };
  if (errorResult.kind === 'unclear') return { kind: 'unreadable', cause: errorResult.cause };
  return errorResult;
}

/** The unchecked body of a 2xx response; null for everything else. */
export function getSuccessBody(exchange: HttpExchange): string | null {
  if (exchange.class !== 'answered') return null;
  return exchange.httpStatus >= 200 && exchange.httpStatus < 300 ? exchange.body : null;
}

/** The error details of a response outside 2xx, parsed in the provider's format. */
export function getErrorDetails(
  exchange: HttpExchange,
  parseErrorDetails: (body: string) => ErrorDetails,
): ErrorDetails {
  const isError = exchange.class === 'answered' && getSuccessBody(exchange) === null;
  return isError ? parseErrorDetails(exchange.body) : { code: null, message: null };
}

/** The session in a body, or the reason why the body is not used. */
export type SessionParseResult =
  | { readonly kind: 'found'; readonly session: Extract<ReadResult, { kind: 'found' }>['session'] }
  | { readonly kind: 'unreadable'; readonly cause: 'answer_unreadable' | 'wrong_session_answered' };

/** Maps the response to a cancel: `cancelled` only if the body reports that status for the requested id. */
export function toCancelResult(parsed: SessionParseResult, evidence: Evidence): CancelResult {
  if (parsed.kind === 'unreadable') return { kind: 'unclear', cause: parsed.cause, evidence };
  if (parsed.session.status === 'cancelled') return { kind: 'cancelled', session: parsed.session, evidence };
  return { kind: 'unclear', cause: 'status_unexpected', evidence };
}

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
