/**
 * The life cycle of one cancellation as pure functions: the next step, given the responses of the provider so far.
 * Neither provider has an idempotency key, and a second cancel of a cancelled session is an error (providers.md 1.6,
 * 2.4). So the session is read back after every unclear response, and its status decides.
 */
import { assertNever, type CancellationState, type Cause, type SessionStatus } from '../../contract/index.ts';
import type { CancelResult, ReadResult } from '../providers/index.ts';

/** Limits of one cancellation: cancel requests, reads after each of them, and the longest accepted `Retry-After`. */
export const attemptLimits = { maxCalls: 3, maxReads: 3, maxRetryAfterMs: 60_000 } as const;

export interface CancellationProgress {
  /** Cancel requests that were made, including the last one. */
  readonly calls: number;
  /** The number of those without a clear response: they may have taken effect. */
  readonly unclearCalls: number;
  /** Reads since the last cancel request, including the last read. */
  readonly reads: number;
  /** The result of the last cancel request; null if none was made yet and an earlier attempt is being resolved. */
  readonly lastCancelResult: CancelResult | null;
  /** True if the retry budget of the connection is used up: no request may be retried. */
  readonly retryBudgetExhausted?: boolean;
  /** Whether a cancel request may be sent: false for a status check, and for the recovery after a crash. */
  readonly canSend: boolean;
}

export type SettledState = Exclude<CancellationState, 'intended' | 'sent'>;

export type Step =
  | { readonly action: 'send' | 'read'; readonly delayMs: number }
  | {
      readonly action: 'settle';
      readonly state: SettledState;
      readonly cause: Cause | null;
      readonly foundStatus: SessionStatus | null;
      readonly confirmedBy: 'answer' | 'read_back' | null;
    };

/**
 * Full jitter (AWS Builders' Library): a random time from 0 to 0.5 s; the maximum doubles with each attempt, up to 8 s.
 */
export function computeBackoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(8_000, 500 * 2 ** (attempt - 1)));
}

/** The step after the result of a cancel request; `progress.lastCancelResult` is that result. */
export function decideAfterCancel(result: CancelResult, progress: CancellationProgress, random: () => number): Step {
  const canRetry = !progress.retryBudgetExhausted && progress.calls < attemptLimits.maxCalls;
  switch (result.kind) {
    case 'cancelled':
      return createSettleStep('cancelled', { confirmedBy: 'answer', foundStatus: result.session.status });
    case 'final':
    case 'unclear':
      return { action: 'read', delayMs: 0 };
    case 'throttled':
      if (canRetry && result.retryAfterMs <= attemptLimits.maxRetryAfterMs)
        return { action: 'send', delayMs: result.retryAfterMs };
      return readBackIfUnclear(progress, createSettleStep('refused', { cause: result.cause }));
    case 'not_sent':
      if (canRetry && isTransient(result.cause))
        return { action: 'send', delayMs: computeBackoffMs(progress.calls, random) };
      return readBackIfUnclear(progress, createSettleStep('not_sent', { cause: result.cause }));
    case 'refused':
      return readBackIfUnclear(progress, createSettleStep('refused', { cause: result.cause }));
    case 'not_found':
      // With a cause, the endpoint may be missing and not the session (contradiction 5).
      if (result.cause !== null) return { action: 'read', delayMs: 0 };
      return readBackIfUnclear(progress, createSettleStep('not_found', {}));
    default:
      return assertNever(result);
  }
}

/** The step after a read of the session. */
export function decideAfterRead(result: ReadResult, progress: CancellationProgress, random: () => number): Step {
  const canRetry = !progress.retryBudgetExhausted && progress.reads < attemptLimits.maxReads;
  switch (result.kind) {
    case 'found': {
      const { status, isFinal } = result.session;
      // An earlier request with an unclear response cancelled the session.
      if (status === 'cancelled' && progress.unclearCalls > 0)
        return createSettleStep('cancelled', { confirmedBy: 'read_back', foundStatus: status });
      if (isFinal) return createSettleStep('already_final', { confirmedBy: 'read_back', foundStatus: status });
      // The status is not understood, so it is not known whether the request took effect. Nothing is claimed or sent.
      if (status === 'unknown')
        return canRetry
          ? createReadStep(progress, random)
          : createSettleStep('unknown', { cause: getLastCause(progress) ?? 'status_unexpected' });
      return decideWhileActive(status, progress, random);
    }
    case 'not_found':
      return createSettleStep('not_found', { cause: result.cause, confirmedBy: 'read_back' });
    case 'throttled':
      if (canRetry && result.retryAfterMs <= attemptLimits.maxRetryAfterMs)
        return { action: 'read', delayMs: result.retryAfterMs };
      return createSettleStep('unknown', { cause: getLastCause(progress) ?? result.cause });
    case 'not_sent':
    case 'unreadable':
    case 'refused':
      if (canRetry) return createReadStep(progress, random);
      return createSettleStep('unknown', { cause: getLastCause(progress) ?? result.cause });
    default:
      return assertNever(result);
  }
}

function createReadStep({ reads }: CancellationProgress, random: () => number): Step {
  return { action: 'read', delayMs: computeBackoffMs(reads, random) };
}

/** The step after a read with a status that is not final: the session has not been cancelled so far. */
function decideWhileActive(status: SessionStatus, progress: CancellationProgress, random: () => number): Step {
  const { lastCancelResult } = progress;
  if (lastCancelResult?.kind === 'not_found')
    return createSettleStep('refused', { cause: lastCancelResult.cause, foundStatus: status });
  if (
    (lastCancelResult === null || lastCancelResult.kind === 'unclear') &&
    progress.canSend &&
    !progress.retryBudgetExhausted &&
    progress.calls < attemptLimits.maxCalls
  ) {
    return { action: 'send', delayMs: lastCancelResult === null ? 0 : computeBackoffMs(progress.calls, random) };
  }
  return createSettleStep('still_active', {
    cause: getLastCause(progress),
    foundStatus: status,
    confirmedBy: 'read_back',
  });
}

/**
 * After a request with an unclear response, the result of a later request does not show its effect: read the session.
 */
function readBackIfUnclear(progress: CancellationProgress, otherwise: Step): Step {
  return progress.unclearCalls > 0 ? { action: 'read', delayMs: 0 } : otherwise;
}

function isTransient(cause: Cause): boolean {
  return cause === 'connect_failed' || cause === 'name_not_found' || cause === 'authorize_failed';
}

function getLastCause({ lastCancelResult }: CancellationProgress): Cause | null {
  if (!lastCancelResult) return null;
  if (lastCancelResult.kind === 'final') return 'request_invalid';
  return 'cause' in lastCancelResult ? lastCancelResult.cause : null;
}

function createSettleStep(
  state: SettledState,
  fields: Partial<Omit<Extract<Step, { action: 'settle' }>, 'action' | 'state'>>,
): Step {
  return { action: 'settle', state, cause: null, foundStatus: null, confirmedBy: null, ...fields };
}
