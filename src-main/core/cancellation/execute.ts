import { setTimeout as wait } from 'node:timers/promises';
import { assertNever, type Connection, type Session } from '../../contract/index.ts';
import type { Account, CancelResult, Evidence, ProviderSession, Provider, ReadResult } from '../providers/index.ts';
import type { CancellationRow, Store } from '../store/index.ts';
import { decideAfterCancel, decideAfterRead, type CancellationProgress, type Step } from './decide.ts';
import {
  createAuditEntry,
  toEvidenceColumns,
  unknownSessionReading,
  toSessionReading,
} from './cancellation-mappers.ts';

/** How the requests of one cancellation get to the provider. */
export interface RequestGate {
  /**
   * Runs a request when its turn has come; null where the road was closed or the signal came before, and nothing of it was
   * run. `prepare` comes right before it, within the turn but beside those in flight, and may answer that nothing is to be run.
   */
  schedule<Answer>(
    request: 'cancel' | 'read',
    run: () => Promise<Answer>,
    signal: AbortSignal,
    prepare?: () => Promise<boolean>,
  ): Promise<Answer | null>;
  /** Whether what went wrong may be asked once more; counts that it is. */
  tryRetry(): boolean;
  /** "Too many requests" says nothing of this session: the road itself waits, and it is no attempt that counts. */
  readonly retryThrottled: boolean;
}

/** All that one cancellation needs to be carried to its outcome. */
export interface ExecutionContext {
  readonly store: Store;
  readonly provider: Provider;
  readonly account: Account;
  readonly connection: Connection;
  readonly session: Session;
  readonly row: CancellationRow;
  /** `send` for a new intent; `read` to resolve an attempt whose outcome is not known; or what the first call was answered. */
  readonly startFrom: 'send' | 'read' | CancelResult;
  readonly canSend: boolean;
  readonly requestGate: RequestGate;
  readonly signal: AbortSignal;
  readonly random: () => number;
  onChange(row: CancellationRow, session: Session | null): void;
}

interface ExecutionState {
  row: CancellationRow;
  progress: CancellationProgress;
  lastResult: CancelResult | ReadResult | null;
}

/**
 * Carries a cancellation to its outcome and records it. Rejects only where the record could not be written or the console
 * is closing; the row then stays `sent`, and the next start reads the session back.
 */
export async function execute(context: ExecutionContext): Promise<CancellationRow> {
  const { row } = context;
  const state: ExecutionState = {
    row,
    lastResult: null,
    progress: {
      calls: 0,
      reads: 0,
      lastCancelResult: null,
      canSend: context.canSend,
      // An attempt that began before has sent something no answer accounted for.
      unclearCalls: row.unclearCalls + (context.startFrom === 'read' && row.state === 'sent' ? 1 : 0),
    },
  };
  let step: Step =
    typeof context.startFrom === 'string'
      ? { action: context.startFrom, delayMs: 0 }
      : handleCancelResult(context, state, context.startFrom);
  while (step.action !== 'settle') {
    if (step.delayMs > 0) await wait(step.delayMs, undefined, { signal: context.signal });
    context.signal.throwIfAborted();
    step = step.action === 'send' ? await sendCancel(context, state) : await readBack(context, state);
  }
  return await recordOutcome(context, state, step);
}

async function sendCancel(context: ExecutionContext, state: ExecutionState): Promise<Step> {
  const { provider, account, session, signal, requestGate } = context;
  const mark = async () => {
    state.row = await recordSent(context, state);
    return true;
  };
  const answer = await requestGate.schedule('cancel', () => provider.cancel(account, session, signal), signal, mark);
  signal.throwIfAborted();
  return handleCancelResult(context, state, answer ?? notSentResult);
}

function handleCancelResult(
  { requestGate, random }: ExecutionContext,
  state: ExecutionState,
  answer: CancelResult,
): Step {
  state.lastResult = answer;
  if (requestGate.retryThrottled && answer.kind === 'throttled') return { action: 'send', delayMs: 0 };
  state.progress = {
    ...state.progress,
    calls: state.progress.calls + 1,
    reads: 0,
    lastCancelResult: answer,
    unclearCalls: state.progress.unclearCalls + (answer.kind === 'unclear' ? 1 : 0),
  };
  const step = decideAfterCancel(answer, state.progress, random);
  return isRetry(step, answer) && !requestGate.tryRetry()
    ? decideAfterCancel(answer, { ...state.progress, retryBudgetExhausted: true }, random)
    : step;
}

async function readBack(context: ExecutionContext, state: ExecutionState): Promise<Step> {
  const { provider, account, session, signal, random, requestGate } = context;
  const answer =
    (await requestGate.schedule('read', () => provider.read(account, session, signal), signal)) ?? notSentResult;
  signal.throwIfAborted();
  state.lastResult = answer;
  if (requestGate.retryThrottled && answer.kind === 'throttled') return { action: 'read', delayMs: 0 };
  state.progress = { ...state.progress, reads: state.progress.reads + 1 };
  const step = decideAfterRead(answer, state.progress, random);
  return isRetry(step, answer) && !requestGate.tryRetry()
    ? decideAfterRead(answer, { ...state.progress, retryBudgetExhausted: true }, random)
    : step;
}

/** Asking again because of what went wrong; the first reading after an unclear answer is none. */
function isRetry(step: Step, answer: CancelResult | ReadResult): boolean {
  switch (step.action) {
    case 'settle':
      return false;
    case 'send':
      return true;
    case 'read':
      return answer.kind !== 'unclear' && answer.kind !== 'final';
    default:
      return assertNever(step);
  }
}

/** Proven: its turn did not come. */
export const notSentResult = {
  kind: 'not_sent',
  cause: 'stopped_before_sending',
  evidence: { httpStatus: null, providerCode: null, providerMessage: null, requestId: null, durationMs: 0 },
} as const;

/** Durable before the first byte: an intent without this mark is proof that nothing was sent. */
async function recordSent(
  { store, session, connection, onChange }: ExecutionContext,
  { row, progress }: ExecutionState,
): Promise<CancellationRow> {
  const changed = await store.run('changeCancellation', {
    id: row.id,
    changes: { state: 'sent', calls: row.calls + 1, unclearCalls: progress.unclearCalls },
    reading: null,
    audit: createAuditEntry('cancel_sent', session, connection, {
      cancellationId: row.id,
      detail: `call ${row.calls + 1}`,
    }),
  });
  onChange(changed.row, null);
  return changed.row;
}

async function recordOutcome(
  context: ExecutionContext,
  { row, progress, lastResult }: ExecutionState,
  step: Extract<Step, { action: 'settle' }>,
): Promise<CancellationRow> {
  const { store, session, connection } = context;
  const settledAt = new Date().toISOString();
  const found = getFoundSession(lastResult);
  const reading = found
    ? toSessionReading(found)
    : step.state === 'unknown' || step.state === 'not_found'
      ? unknownSessionReading
      : null;
  // The cancel's own answer says more than the reading after it, but where it said nothing.
  const evidence: Evidence | null =
    (progress.lastCancelResult && progress.lastCancelResult.kind !== 'unclear' ? progress.lastCancelResult : lastResult)
      ?.evidence ?? null;
  const changed = await store.run('changeCancellation', {
    id: row.id,
    changes: {
      state: step.state,
      cause: step.cause,
      foundStatus: step.foundStatus,
      confirmedBy: step.confirmedBy,
      unclearCalls: progress.unclearCalls,
      paymentInFlight: found?.paymentInFlight ? 1 : 0,
      settledAt,
      ...toEvidenceColumns(evidence),
    },
    reading: reading && { sessionKey: session.key, reading, readAt: settledAt },
    audit: createAuditEntry('cancel_settled', session, connection, {
      cancellationId: row.id,
      outcome: step.state,
      detail: step.cause ?? (step.state === 'cancelled' ? step.confirmedBy : step.foundStatus),
      providerCode: evidence?.providerCode ?? null,
      requestId: evidence?.requestId ?? null,
      durationMs: evidence?.durationMs ?? null,
    }),
  });
  context.onChange(changed.row, changed.session);
  return changed.row;
}

function getFoundSession(answer: CancelResult | ReadResult | null): ProviderSession | null {
  return answer && 'session' in answer ? answer.session : null;
}
