/**
 * The life of one cancellation as a pure function: what to do next, given what the provider answered so far.
 * Neither provider has an idempotency key, and a second cancel of a cancelled session is an error (providers.md 1.6, 2.4):
 * so after anything but a clean answer the session is read back, and what is found decides.
 */
import { assertNever, type CancellationState, type Cause, type SessionStatus } from '../../contract/index.ts';
import type { CancelResult, ReadResult } from '../providers/index.ts';

/** How often one cancellation may ask: cancel requests, and readings after each of them. */
export const attemptLimits = { maxCalls: 3, maxReads: 3, maxRetryAfterMs: 60_000 } as const;

export interface CancellationProgress {
  /** Cancel requests made, this one included. */
  readonly calls: number;
  /** Of these, how many no answer accounted for: they may have had effect. */
  readonly unclearCalls: number;
  /** Readings made since the last cancel request, this one included. */
  readonly reads: number;
  /** What the last cancel request was answered; null where none was made yet and an older one is being resolved. */
  readonly lastCancelResult: CancelResult | null;
  /** Nothing may be asked again: too much of what was asked of this provider lately was asked again already. */
  readonly retryBudgetExhausted?: boolean;
  /** Whether a cancel may be sent again: not for "Check with provider", nor for what a crash left behind. */
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

/** Full jitter (AWS Builders' Library): anything from nothing to 0.5 s, doubled with each try, at most 8 s. */
export function computeBackoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(8_000, 500 * 2 ** (attempt - 1)));
}

/** After the answer to a cancel request; `progress.last` is that answer. */
export function decideAfterCancel(answer: CancelResult, progress: CancellationProgress, random: () => number): Step {
  const again = !progress.retryBudgetExhausted && progress.calls < attemptLimits.maxCalls;
  switch (answer.kind) {
    case 'cancelled':
      return createSettleStep('cancelled', { confirmedBy: 'answer', foundStatus: answer.session.status });
    case 'final':
    case 'unclear':
      return { action: 'read', delayMs: 0 };
    case 'throttled':
      if (again && answer.retryAfterMs <= attemptLimits.maxRetryAfterMs)
        return { action: 'send', delayMs: answer.retryAfterMs };
      return readBackIfUnclear(progress, createSettleStep('refused', { cause: answer.cause }));
    case 'not_sent':
      if (again && isTransient(answer.cause))
        return { action: 'send', delayMs: computeBackoffMs(progress.calls, random) };
      return readBackIfUnclear(progress, createSettleStep('not_sent', { cause: answer.cause }));
    case 'refused':
      return readBackIfUnclear(progress, createSettleStep('refused', { cause: answer.cause }));
    case 'not_found':
      // With a cause the endpoint, not the session, may be what is missing (contradiction 5).
      if (answer.cause !== null) return { action: 'read', delayMs: 0 };
      return readBackIfUnclear(progress, createSettleStep('not_found', {}));
    default:
      return assertNever(answer);
  }
}

/** After a reading of the session. */
export function decideAfterRead(answer: ReadResult, progress: CancellationProgress, random: () => number): Step {
  const again = !progress.retryBudgetExhausted && progress.reads < attemptLimits.maxReads;
  switch (answer.kind) {
    case 'found': {
      const { status, isFinal } = answer.session;
      // An earlier call of ours that nothing accounted for is what cancelled it.
      if (status === 'cancelled' && progress.unclearCalls > 0)
        return createSettleStep('cancelled', { confirmedBy: 'read_back', foundStatus: status });
      if (isFinal) return createSettleStep('already_final', { confirmedBy: 'read_back', foundStatus: status });
      // Read, and not understood: whether the call had effect is not known, so nothing may be claimed or sent.
      if (status === 'unknown')
        return again
          ? createReadStep(progress, random)
          : createSettleStep('unknown', { cause: getLastCause(progress) ?? 'status_unexpected' });
      return decideWhileActive(status, progress, random);
    }
    case 'not_found':
      return createSettleStep('not_found', { cause: answer.cause, confirmedBy: 'read_back' });
    case 'throttled':
      if (again && answer.retryAfterMs <= attemptLimits.maxRetryAfterMs)
        return { action: 'read', delayMs: answer.retryAfterMs };
      return createSettleStep('unknown', { cause: getLastCause(progress) ?? answer.cause });
    case 'not_sent':
    case 'unreadable':
    case 'refused':
      if (again) return createReadStep(progress, random);
      return createSettleStep('unknown', { cause: getLastCause(progress) ?? answer.cause });
    default:
      return assertNever(answer);
  }
}

function createReadStep({ reads }: CancellationProgress, random: () => number): Step {
  return { action: 'read', delayMs: computeBackoffMs(reads, random) };
}

/** Read back and not final: nothing has been cancelled so far. */
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

/** Once a call went unaccounted for, no later answer to another call says what became of it. */
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
  facts: Partial<Omit<Extract<Step, { action: 'settle' }>, 'action' | 'state'>>,
): Step {
  return { action: 'settle', state, cause: null, foundStatus: null, confirmedBy: null, ...facts };
}
