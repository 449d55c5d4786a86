/** From an exchange to an answer: the evidence, and the part that is the same for every provider and every question. */
import { assertNever, type Cause } from '../../contract/index.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { CancelResult, ErrorMapping, Evidence, CommonErrorResult, ReadResult } from './provider.ts';
import { redact, safeToken } from './redact.ts';
import { findErrorOutcome } from './status-mapping.ts';
import { retryAfterProvided, parseRateLimit, parseRetryAfterMs } from './retry-after.ts';

/** What a provider's error body says; null where it says nothing that can be read. */
export interface ErrorDetails {
  readonly code: string | null;
  readonly message: string | null;
}

/** Every answer but the good one; `unclear` is what a read calls `unreadable`. */
export type ErrorResult =
  CommonErrorResult | { readonly kind: 'final' } | { readonly kind: 'unclear'; readonly cause: Cause };

/** Evidence of an exchange. `startedAt` is `performance.now()` at the question's begin; `sensitiveTexts` must not appear. */
export function createEvidence(
  exchange: HttpExchange,
  errorDetails: ErrorDetails,
  sensitiveTexts: readonly string[],
  startedAt: number,
): Evidence {
  const durationMs = Math.round(performance.now() - startedAt);
  const nothing = { httpStatus: null, providerCode: null, providerMessage: null, requestId: null, durationMs };
  switch (exchange.class) {
    case 'not_sent':
      return { ...nothing, ...(exchange.detail !== null && { networkCode: exchange.detail }) };
    case 'unknown':
      return {
        ...nothing,
        httpStatus: exchange.httpStatus,
        ...(exchange.detail !== null && { networkCode: exchange.detail }),
      };
    case 'answered': {
      const { headers, httpStatus, reasonPhrase } = exchange;
      const message = errorDetails.message ?? (httpStatus >= 300 ? reasonPhrase : null);
      const rateLimit = parseRateLimit(headers);
      return {
        httpStatus,
        // A code that would not pass as a message is none.
        providerCode:
          errorDetails.code === redact(errorDetails.code ?? '', sensitiveTexts)
            ? safeToken(errorDetails.code, sensitiveTexts, 64)
            : null,
        providerMessage: message === null ? null : redact(message, sensitiveTexts),
        // providers.md 2.1: which of the two is used is not known.
        requestId: safeToken(headers['request-id'] ?? headers['x-request-id'], sensitiveTexts),
        durationMs,
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
 * What went wrong with an exchange. A 2xx comes here only where none was due: then it is not this provider that
 * answered.
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
      switch (outcome.kind) {
        case 'final':
          return { kind: 'final' };
        case 'not_found':
          return { kind: 'not_found', cause: null };
        case 'throttled':
          return {
            kind: 'throttled',
            cause: 'throttled',
            retryAfterMs: parseRetryAfterMs(exchange.headers),
            ...(!retryAfterProvided(exchange.headers) && { retryAfterProvided: false }),
          };
        case 'refused':
          return { kind: 'refused', cause: outcome.cause };
        case 'unclear':
          return { kind: 'unclear', cause: outcome.cause };
        default:
          return assertNever(outcome);
      }
    }
    default:
      return assertNever(exchange);
  }
}

type ReadErrorResult = CommonErrorResult | { readonly kind: 'unreadable'; readonly cause: Cause };

/** The same for a question that changes nothing: `final` cannot be, so the provider did not take the request. */
export function toReadErrorResult(errorResult: ErrorResult): ReadErrorResult {
  if (errorResult.kind === 'final') return { kind: 'refused', cause: 'request_invalid' };
  if (errorResult.kind === 'unclear') return { kind: 'unreadable', cause: errorResult.cause };
  return errorResult;
}

/** The body of a 2xx answer, still to be judged; null for everything else. */
export function getSuccessBody(exchange: HttpExchange): string | null {
  if (exchange.class !== 'answered') return null;
  return exchange.httpStatus >= 200 && exchange.httpStatus < 300 ? exchange.body : null;
}

/** What an answer outside 2xx says, read as its provider writes errors. */
export function getErrorDetails(
  exchange: HttpExchange,
  parseErrorDetails: (body: string) => ErrorDetails,
): ErrorDetails {
  const isError = exchange.class === 'answered' && getSuccessBody(exchange) === null;
  return isError ? parseErrorDetails(exchange.body) : { code: null, message: null };
}

/** What a body says of one session, or why it cannot count. */
export type SessionParseResult =
  | { readonly kind: 'found'; readonly session: Extract<ReadResult, { kind: 'found' }>['session'] }
  | { readonly kind: 'unreadable'; readonly cause: 'answer_unreadable' | 'wrong_session_answered' };

/** A cancel's own answer: `cancelled` only where it says so, for this very id. */
export function toCancelResult(reading: SessionParseResult, evidence: Evidence): CancelResult {
  if (reading.kind === 'unreadable') return { kind: 'unclear', cause: reading.cause, evidence };
  if (reading.session.status === 'cancelled') return { kind: 'cancelled', session: reading.session, evidence };
  return { kind: 'unclear', cause: 'status_unexpected', evidence };
}
