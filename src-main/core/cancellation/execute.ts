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

/** Schedules the requests of one cancellation. */
export interface RequestGate {
  /**
   * Runs a request when the gate starts it. Returns null if the gate closed or the signal aborted before that; then
   * `run` was not called. `prepare` runs directly before `run`, and does not count as a request in flight. If it
   * resolves to false, `run` is not called.
   */
  schedule<Result>(
    request: 'cancel' | 'read',
    run: () => Promise<Result>,
    signal: AbortSignal,
    prepare?: () => Promise<boolean>,
  ): Promise<Result | null>;
  /** Whether a failed request may be retried; if so, counts the retry. */
  tryRetry(): boolean;
  /**
   * True if a response "too many requests" (429) does not count as an attempt, because the gate waits for the limit.
   */
  readonly retryThrottled: boolean;
}

/** The input and the dependencies of `execute`. */
export interface ExecutionContext {
  readonly store: Store;
  readonly provider: Provider;
  readonly account: Account;
  readonly connection: Connection;
  readonly session: Session;
  readonly row: CancellationRow;
  /** `send` for a new intent; `read` for an attempt with an unknown outcome; or the result of the first request. */
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
 * Executes a cancellation until it has an outcome, and records the outcome. Rejects only if a record cannot be written
 * or the app is closing. The row then stays `sent`, and the next start reads the session back.
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
      // The earlier attempt has sent a request without a clear response.
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
  const markSent = async () => {
    state.row = await recordSent(context, state);
    return true;
  };
  const send = () => provider.cancel(account, session, signal);
  const result = await requestGate.schedule('cancel', send, signal, markSent);
  signal.throwIfAborted();
  return handleCancelResult(context, state, result ?? notSentResult);
}

function handleCancelResult(
  { requestGate, random }: ExecutionContext,
  state: ExecutionState,
  result: CancelResult,
): Step {
  state.lastResult = result;
  if (requestGate.retryThrottled && result.kind === 'throttled') return { action: 'send', delayMs: 0 };
  state.progress = {
    ...state.progress,
    calls: state.progress.calls + 1,
    reads: 0,
    lastCancelResult: result,
    unclearCalls: state.progress.unclearCalls + (result.kind === 'unclear' ? 1 : 0),
  };
  const step = decideAfterCancel(result, state.progress, random);
  return isRetry(step, result) && !requestGate.tryRetry()
    ? decideAfterCancel(result, { ...state.progress, retryBudgetExhausted: true }, random)
    : step;
}

async function readBack(context: ExecutionContext, state: ExecutionState): Promise<Step> {
  const { provider, account, session, signal, random, requestGate } = context;
  const result =
    (await requestGate.schedule('read', () => provider.read(account, session, signal), signal)) ?? notSentResult;
  signal.throwIfAborted();
  state.lastResult = result;
  if (requestGate.retryThrottled && result.kind === 'throttled') return { action: 'read', delayMs: 0 };
  state.progress = { ...state.progress, reads: state.progress.reads + 1 };
  const step = decideAfterRead(result, state.progress, random);
  return isRetry(step, result) && !requestGate.tryRetry()
    ? decideAfterRead(result, { ...state.progress, retryBudgetExhausted: true }, random)
    : step;
}

/** Whether the step repeats a request after a failure. The first read after an unclear response is no retry. */
function isRetry(step: Step, result: CancelResult | ReadResult): boolean {
  switch (step.action) {
    case 'settle':
      return false;
    case 'send':
      return true;
    case 'read':
      return result.kind !== 'unclear' && result.kind !== 'final';
    default:
      return assertNever(step);
  }
}

/** The result of a request that the gate did not start: it was certainly not sent. */
export const notSentResult = {
  kind: 'not_sent',
  cause: 'stopped_before_sending',
  evidence: { httpStatus: null, providerCode: null, providerMessage: null, requestId: null, durationMs: 0 },
} as const;

/** Durable before the first byte is sent. An intent in an earlier state proves that nothing was sent. */
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
      detail: { kind: 'call', call: row.calls + 1 },
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
  const providerSession = getProviderSession(lastResult);
  const reading = providerSession
    ? toSessionReading(providerSession)
    : step.state === 'unknown' || step.state === 'not_found'
      ? unknownSessionReading
      : null;
  // The response to the cancel request contains more information than the read after it, unless it was unclear.
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
      paymentInFlight: providerSession?.paymentInFlight ? 1 : 0,
      settledAt,
      ...toEvidenceColumns(evidence),
    },
    reading: reading && { sessionKey: session.key, reading, readAt: settledAt },
    audit: createAuditEntry('cancel_settled', session, connection, {
      cancellationId: row.id,
      outcome: step.state,
      detail: {
        kind: 'cancellation',
        cause: step.cause,
        confirmedBy: step.confirmedBy,
        foundStatus: step.foundStatus,
      },
      providerCode: evidence?.providerCode ?? null,
      requestId: evidence?.requestId ?? null,
      durationMs: evidence?.durationMs ?? null,
    }),
  });
  context.onChange(changed.row, changed.session);
  return changed.row;
}

function getProviderSession(result: CancelResult | ReadResult | null): ProviderSession | null {
  return result && 'session' in result ? result.session : null;
}
