/** From an exchange to an answer: the evidence, and the part that is the same for every provider and every question. */
import { assertNever, type Cause } from '../../contract/index.ts';
import type { Exchange } from './http-exchange.ts';
import type { CancelAnswer, ErrorRow, Evidence, NoAnswer, ReadAnswer } from './provider.ts';
import { redact, shortWord } from './redact.ts';
import { errorFrom } from './status-mapping.ts';
import { isWaitTold, rateLimitFrom, waitFrom } from './retry-after.ts';

/** What a provider's error body says; null where it says nothing that can be read. */
export interface ErrorWords {
  readonly code: string | null;
  readonly message: string | null;
}

/** Every answer but the good one; `unclear` is what a read calls `unreadable`. */
export type Setback = NoAnswer | { readonly kind: 'final' } | { readonly kind: 'unclear'; readonly cause: Cause };

/** Evidence of an exchange. `startedAt` is `performance.now()` at the question's begin; `hide` must not appear. */
export function evidenceOf(
  exchange: Exchange,
  words: ErrorWords,
  hide: readonly string[],
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
      const message = words.message ?? (httpStatus >= 300 ? reasonPhrase : null);
      const rateLimit = rateLimitFrom(headers);
      return {
        httpStatus,
        // A code that would not pass as a message is none.
        providerCode: words.code === redact(words.code ?? '', hide) ? shortWord(words.code, hide, 64) : null,
        providerMessage: message === null ? null : redact(message, hide),
        // providers.md 2.1: which of the two is used is not known.
        requestId: shortWord(headers['request-id'] ?? headers['x-request-id'], hide),
        durationMs,
        ...(rateLimit && { rateLimit }),
      };
    }
    default:
      return assertNever(exchange);
  }
}

export function evidenceOfNothing(startedAt: number): Evidence {
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
export function setbackOf(exchange: Exchange, errors: readonly ErrorRow[], words: ErrorWords): Setback {
  switch (exchange.class) {
    case 'not_sent':
      return { kind: 'not_sent', cause: exchange.cause };
    case 'unknown':
      return { kind: 'unclear', cause: exchange.cause };
    case 'answered': {
      if (successBody(exchange) !== null) return { kind: 'unclear', cause: 'answer_unreadable' };
      const verdict = errorFrom(errors, exchange.httpStatus, words.code);
      switch (verdict.kind) {
        case 'final':
          return { kind: 'final' };
        case 'not_found':
          return { kind: 'not_found', cause: null };
        case 'throttled':
          return {
            kind: 'throttled',
            cause: 'throttled',
            waitMs: waitFrom(exchange.headers),
            ...(!isWaitTold(exchange.headers) && { isWaitTold: false }),
          };
        case 'refused':
          return { kind: 'refused', cause: verdict.cause };
        case 'unclear':
          return { kind: 'unclear', cause: verdict.cause };
        default:
          return assertNever(verdict);
      }
    }
    default:
      return assertNever(exchange);
  }
}

type ReadSetback = NoAnswer | { readonly kind: 'unreadable'; readonly cause: Cause };

/** The same for a question that changes nothing: `final` cannot be, so the provider did not take the request. */
export function readSetback(setback: Setback): ReadSetback {
  if (setback.kind === 'final') return { kind: 'refused', cause: 'request_invalid' };
  if (setback.kind === 'unclear') return { kind: 'unreadable', cause: setback.cause };
  return setback;
}

/** The body of a 2xx answer, still to be judged; null for everything else. */
export function successBody(exchange: Exchange): string | null {
  if (exchange.class !== 'answered') return null;
  return exchange.httpStatus >= 200 && exchange.httpStatus < 300 ? exchange.body : null;
}

/** What an answer outside 2xx says, read as its provider writes errors. */
export function wordsOf(exchange: Exchange, errorWords: (body: string) => ErrorWords): ErrorWords {
  const isError = exchange.class === 'answered' && successBody(exchange) === null;
  return isError ? errorWords(exchange.body) : { code: null, message: null };
}

/** What a body says of one session, or why it cannot count. */
export type SessionReading =
  | { readonly kind: 'found'; readonly session: Extract<ReadAnswer, { kind: 'found' }>['session'] }
  | { readonly kind: 'unreadable'; readonly cause: 'answer_unreadable' | 'wrong_session_answered' };

/** A cancel's own answer: `cancelled` only where it says so, for this very id. */
export function cancelAnswerFrom(reading: SessionReading, evidence: Evidence): CancelAnswer {
  if (reading.kind === 'unreadable') return { kind: 'unclear', cause: reading.cause, evidence };
  if (reading.session.status === 'cancelled') return { kind: 'cancelled', session: reading.session, evidence };
  return { kind: 'unclear', cause: 'status_unexpected', evidence };
}
