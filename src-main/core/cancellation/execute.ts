import { setTimeout as wait } from 'node:timers/promises';
import { assertNever, type Connection, type Session } from '../../contract/index.ts';
import { notSentResult, type CircuitBreaker, type Permit, type RateLimiter } from '../rate-limit/index.ts';
import type { Account, CancelResult, Evidence, ProviderSession, Provider, ReadResult } from '../providers/index.ts';
import type { CancellationRow, Store } from '../store/index.ts';
import { decideAfterCancel, decideAfterRead, type CancellationProgress, type Step } from './decide.ts';
import {
  createAuditEntry,
  toEvidenceColumns,
  unknownSessionReading,
  toSessionReading,
} from './cancellation-mappers.ts';

/** The limits of the batch to which a cancellation belongs. A cancellation of a single session has none. */
export interface BatchControl {
  /** Aborted when the batch is paused or stopped: no new cancel request is sent. */
  readonly pauseSignal: AbortSignal;
  /** While it is open no cancel request is sent. It also holds the budget for retries. */
  readonly circuitBreaker: Pick<CircuitBreaker<never, unknown>, 'getIssue' | 'tryRetry'>;
}

/** The input and the dependencies of `execute`. */
export interface ExecutionContext {
  readonly store: Store;
  readonly rateLimiter: RateLimiter;
  /** Without a rate limit: `execute` takes a permit for each request. */
  readonly provider: Provider;
  readonly account: Account;
  readonly connection: Connection;
  readonly session: Session;
  readonly row: CancellationRow;
  /**
   * `send` for a new intent; `read` for an attempt with an unknown outcome; or the permit for the first request, if the
   * row is marked as sent already.
   */
  readonly startFrom: 'send' | 'read' | Permit;
  readonly canSend: boolean;
  /** null for a single session: its requests start immediately, and no budget limits its retries. */
  readonly batch: BatchControl | null;
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
      : await sendCancel(context, state, context.startFrom);
  while (step.action !== 'settle') {
    if (step.delayMs > 0) await wait(step.delayMs, undefined, { signal: context.signal });
    context.signal.throwIfAborted();
    step = step.action === 'send' ? await sendCancel(context, state, null) : await readBack(context, state);
  }
  return await recordOutcome(context, state, step);
}

/**
 * A permit for a cancel request; null if the batch or its connection is paused. Release it if nothing is sent.
 */
export async function acquireCancelPermit(
  { rateLimiter, batch }: Pick<ExecutionContext, 'rateLimiter' | 'batch'>,
  connectionId: string,
): Promise<Permit | null> {
  if (!batch) return rateLimiter.acquireNow(connectionId);
  const permit = await rateLimiter.acquire(connectionId, batch.pauseSignal);
  if (!batch.pauseSignal.aborted && batch.circuitBreaker.getIssue(connectionId) === null) return permit;
  permit?.release();
  return null;
}

/** `acquired` is the permit of a request that is marked as sent already. */
async function sendCancel(context: ExecutionContext, state: ExecutionState, acquired: Permit | null): Promise<Step> {
  const { provider, account, connection, session, signal } = context;
  const permit = acquired ?? (await acquireCancelPermit(context, connection.id));
  try {
    if (permit && !acquired) state.row = await recordSent(context, state);
    const result = (await permit?.send(() => provider.cancel(account, session, signal))) ?? notSentResult;
    signal.throwIfAborted();
    if (context.batch && result.kind === 'throttled') return { action: 'send', delayMs: 0 };
    state.lastResult = result;
    state.progress = {
      ...state.progress,
      calls: state.progress.calls + 1,
      reads: 0,
      lastCancelResult: result,
      unclearCalls: state.progress.unclearCalls + (result.kind === 'unclear' ? 1 : 0),
    };
    return decideWithinBudget(context, state, result, decideAfterCancel);
  } finally {
    permit?.release();
  }
}

async function readBack(context: ExecutionContext, state: ExecutionState): Promise<Step> {
  const { rateLimiter, provider, account, connection, session, signal, batch } = context;
  // A read follows a cancel request that was sent, so it also runs after the batch was paused or stopped.
  const permit = batch ? await rateLimiter.acquire(connection.id, signal) : rateLimiter.acquireNow(connection.id);
  const result = (await permit?.send(() => provider.read(account, session, signal))) ?? notSentResult;
  signal.throwIfAborted();
  if (batch && result.kind === 'throttled') return { action: 'read', delayMs: 0 };
  state.lastResult = result;
  state.progress = { ...state.progress, reads: state.progress.reads + 1 };
  return decideWithinBudget(context, state, result, decideAfterRead);
}

/** The next step; in a batch, a retry only if the budget of the connection allows it. */
function decideWithinBudget<Result extends CancelResult | ReadResult>(
  { batch, connection, random }: ExecutionContext,
  { progress }: ExecutionState,
  result: Result,
  decide: (result: Result, progress: CancellationProgress, random: () => number) => Step,
): Step {
  const step = decide(result, progress, random);
  if (!batch || !isRetry(step, result) || batch.circuitBreaker.tryRetry(connection.id)) return step;
  return decide(result, { ...progress, retryBudgetExhausted: true }, random);
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
