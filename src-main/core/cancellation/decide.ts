/**
 * The life of one cancellation as a pure function: what to do next, given what the provider answered so far.
 * Neither provider has an idempotency key, and a second cancel of a cancelled session is an error (providers.md 1.6, 2.4):
 * so after anything but a clean answer the session is read back, and what is found decides.
 */
import { assertNever, type CancellationState, type Cause, type SessionStatus } from '../../contract/index.ts';
import type { CancelAnswer, ReadAnswer } from '../providers/index.ts';

/** How often one cancellation may ask: cancel requests, and readings after each of them. */
export const budget = { calls: 3, reads: 3, longestWaitMs: 60_000 } as const;

export interface Progress {
  /** Cancel requests made, this one included. */
  readonly calls: number;
  /** Of these, how many no answer accounted for: they may have had effect. */
  readonly unclearCalls: number;
  /** Readings made since the last cancel request, this one included. */
  readonly reads: number;
  /** What the last cancel request was answered; null where none was made yet and an older one is being resolved. */
  readonly last: CancelAnswer | null;
  /** Nothing may be asked again: too much of what was asked of this provider lately was asked again already. */
  readonly tired?: boolean;
  /** Whether a cancel may be sent again: not for "Check with provider", nor for what a crash left behind. */
  readonly maySend: boolean;
}

export type SettledState = Exclude<CancellationState, 'intended' | 'sent'>;

export type Step =
  | { readonly do: 'send' | 'read'; readonly afterMs: number }
  | {
      readonly do: 'settle';
      readonly state: SettledState;
      readonly cause: Cause | null;
      readonly foundStatus: SessionStatus | null;
      readonly confirmedBy: 'answer' | 'read_back' | null;
    };

/** Full jitter (AWS Builders' Library): anything from nothing to 0.5 s, doubled with each try, at most 8 s. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(8_000, 500 * 2 ** (attempt - 1)));
}

/** After the answer to a cancel request; `progress.last` is that answer. */
export function afterCancel(answer: CancelAnswer, progress: Progress, random: () => number): Step {
  const again = !progress.tired && progress.calls < budget.calls;
  switch (answer.kind) {
    case 'cancelled':
      return settle('cancelled', { confirmedBy: 'answer', foundStatus: answer.session.status });
    case 'final':
    case 'unclear':
      return { do: 'read', afterMs: 0 };
    case 'throttled':
      if (again && answer.waitMs <= budget.longestWaitMs) return { do: 'send', afterMs: answer.waitMs };
      return orReadBack(progress, settle('refused', { cause: answer.cause }));
    case 'not_sent':
      if (again && isPassing(answer.cause)) return { do: 'send', afterMs: backoffMs(progress.calls, random) };
      return orReadBack(progress, settle('not_sent', { cause: answer.cause }));
    case 'refused':
      return orReadBack(progress, settle('refused', { cause: answer.cause }));
    case 'not_found':
      // With a cause the endpoint, not the session, may be what is missing (contradiction 5).
      if (answer.cause !== null) return { do: 'read', afterMs: 0 };
      return orReadBack(progress, settle('not_found', {}));
    default:
      return assertNever(answer);
  }
}

/** After a reading of the session. */
export function afterRead(answer: ReadAnswer, progress: Progress, random: () => number): Step {
  const again = !progress.tired && progress.reads < budget.reads;
  switch (answer.kind) {
    case 'found': {
      const { status, final } = answer.session;
      // An earlier call of ours that nothing accounted for is what cancelled it.
      if (status === 'cancelled' && progress.unclearCalls > 0)
        return settle('cancelled', { confirmedBy: 'read_back', foundStatus: status });
      if (final) return settle('already_final', { confirmedBy: 'read_back', foundStatus: status });
      // Read, and not understood: whether the call had effect is not known, so nothing may be claimed or sent.
      if (status === 'unknown')
        return again
          ? readAgain(progress, random)
          : settle('unknown', { cause: lastCause(progress) ?? 'status_unexpected' });
      return whileActive(status, progress, random);
    }
    case 'not_found':
      return settle('not_found', { cause: answer.cause, confirmedBy: 'read_back' });
    case 'throttled':
      if (again && answer.waitMs <= budget.longestWaitMs) return { do: 'read', afterMs: answer.waitMs };
      return settle('unknown', { cause: lastCause(progress) ?? answer.cause });
    case 'not_sent':
    case 'unreadable':
    case 'refused':
      if (again) return readAgain(progress, random);
      return settle('unknown', { cause: lastCause(progress) ?? answer.cause });
    default:
      return assertNever(answer);
  }
}

function readAgain({ reads }: Progress, random: () => number): Step {
  return { do: 'read', afterMs: backoffMs(reads, random) };
}

/** Read back and not final: nothing has been cancelled so far. */
function whileActive(status: SessionStatus, progress: Progress, random: () => number): Step {
  const { last } = progress;
  if (last?.kind === 'not_found') return settle('refused', { cause: last.cause, foundStatus: status });
  if (
    (last === null || last.kind === 'unclear') &&
    progress.maySend &&
    !progress.tired &&
    progress.calls < budget.calls
  ) {
    return { do: 'send', afterMs: last === null ? 0 : backoffMs(progress.calls, random) };
  }
  return settle('still_active', { cause: lastCause(progress), foundStatus: status, confirmedBy: 'read_back' });
}

/** Once a call went unaccounted for, no later answer to another call says what became of it. */
function orReadBack(progress: Progress, otherwise: Step): Step {
  return progress.unclearCalls > 0 ? { do: 'read', afterMs: 0 } : otherwise;
}

function isPassing(cause: Cause): boolean {
  return cause === 'connect_failed' || cause === 'name_not_found' || cause === 'authorize_failed';
}

function lastCause({ last }: Progress): Cause | null {
  if (!last) return null;
  if (last.kind === 'final') return 'request_invalid';
  return 'cause' in last ? last.cause : null;
}

function settle(state: SettledState, facts: Partial<Omit<Extract<Step, { do: 'settle' }>, 'do' | 'state'>>): Step {
  return { do: 'settle', state, cause: null, foundStatus: null, confirmedBy: null, ...facts };
}
