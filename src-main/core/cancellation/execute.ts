import { setTimeout as wait } from 'node:timers/promises';
import { assertNever, type Connection, type Session } from '../../contract/index.ts';
import type { Account, CancelAnswer, Evidence, FoundSession, Provider, ReadAnswer } from '../providers/index.ts';
import type { CancellationRow, Store } from '../store/index.ts';
import { afterCancel, afterRead, type Progress, type Step } from './decide.ts';
import { auditOf, evidenceColumns, nothingKnown, readingOf } from './cancellation-mappers.ts';

/** How the requests of one cancellation get to the provider. */
export interface Road {
  /**
   * Runs a request when its turn has come; null where the road was closed or the signal came before, and nothing of it was
   * run. `prepare` comes right before it, within the turn but beside those in flight, and may answer that nothing is to be run.
   */
  turn<Answer>(
    request: 'cancel' | 'read',
    run: () => Promise<Answer>,
    signal: AbortSignal,
    prepare?: () => Promise<boolean>,
  ): Promise<Answer | null>;
  /** Whether what went wrong may be asked once more; counts that it is. */
  mayRepeat(): boolean;
  /** "Too many requests" says nothing of this session: the road itself waits, and it is no attempt that counts. */
  readonly patient: boolean;
}

/** All that one cancellation needs to be carried to its outcome. */
export interface Journey {
  readonly store: Store;
  readonly provider: Provider;
  readonly account: Account;
  readonly connection: Connection;
  readonly session: Session;
  readonly row: CancellationRow;
  /** `send` for a new intent; `read` to resolve an attempt whose outcome is not known; or what the first call was answered. */
  readonly begin: 'send' | 'read' | CancelAnswer;
  readonly maySend: boolean;
  readonly road: Road;
  readonly signal: AbortSignal;
  readonly random: () => number;
  changed(row: CancellationRow, session: Session | null): void;
}

interface State {
  row: CancellationRow;
  progress: Progress;
  latest: CancelAnswer | ReadAnswer | null;
}

/**
 * Carries a cancellation to its outcome and records it. Rejects only where the record could not be written or the console
 * is closing; the row then stays `sent`, and the next start reads the session back.
 */
export async function drive(journey: Journey): Promise<CancellationRow> {
  const { row } = journey;
  const state: State = {
    row,
    latest: null,
    progress: {
      calls: 0,
      reads: 0,
      last: null,
      maySend: journey.maySend,
      // An attempt that began before has sent something no answer accounted for.
      unclearCalls: row.unclearCalls + (journey.begin === 'read' && row.state === 'sent' ? 1 : 0),
    },
  };
  let step: Step =
    typeof journey.begin === 'string' ? { do: journey.begin, afterMs: 0 } : judgeCancel(journey, state, journey.begin);
  while (step.do !== 'settle') {
    if (step.afterMs > 0) await wait(step.afterMs, undefined, { signal: journey.signal });
    journey.signal.throwIfAborted();
    step = step.do === 'send' ? await send(journey, state) : await read(journey, state);
  }
  return await settle(journey, state, step);
}

async function send(journey: Journey, state: State): Promise<Step> {
  const { provider, account, session, signal, road } = journey;
  const mark = async () => {
    state.row = await markSent(journey, state);
    return true;
  };
  const answer = await road.turn('cancel', () => provider.cancel(account, session, signal), signal, mark);
  signal.throwIfAborted();
  return judgeCancel(journey, state, answer ?? notSent);
}

function judgeCancel({ road, random }: Journey, state: State, answer: CancelAnswer): Step {
  state.latest = answer;
  if (road.patient && answer.kind === 'throttled') return { do: 'send', afterMs: 0 };
  state.progress = {
    ...state.progress,
    calls: state.progress.calls + 1,
    reads: 0,
    last: answer,
    unclearCalls: state.progress.unclearCalls + (answer.kind === 'unclear' ? 1 : 0),
  };
  const step = afterCancel(answer, state.progress, random);
  return isRepeat(step, answer) && !road.mayRepeat()
    ? afterCancel(answer, { ...state.progress, tired: true }, random)
    : step;
}

async function read(journey: Journey, state: State): Promise<Step> {
  const { provider, account, session, signal, random, road } = journey;
  const answer = (await road.turn('read', () => provider.read(account, session, signal), signal)) ?? notSent;
  signal.throwIfAborted();
  state.latest = answer;
  if (road.patient && answer.kind === 'throttled') return { do: 'read', afterMs: 0 };
  state.progress = { ...state.progress, reads: state.progress.reads + 1 };
  const step = afterRead(answer, state.progress, random);
  return isRepeat(step, answer) && !road.mayRepeat()
    ? afterRead(answer, { ...state.progress, tired: true }, random)
    : step;
}

/** Asking again because of what went wrong; the first reading after an unclear answer is none. */
function isRepeat(step: Step, answer: CancelAnswer | ReadAnswer): boolean {
  switch (step.do) {
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
export const notSent = {
  kind: 'not_sent',
  cause: 'stopped_before_sending',
  evidence: { httpStatus: null, providerCode: null, providerMessage: null, requestId: null, durationMs: 0 },
} as const;

/** Durable before the first byte: an intent without this mark is proof that nothing was sent. */
async function markSent(
  { store, session, connection, changed: tell }: Journey,
  { row, progress }: State,
): Promise<CancellationRow> {
  const changed = await store.run('changeCancellation', {
    id: row.id,
    changes: { state: 'sent', calls: row.calls + 1, unclearCalls: progress.unclearCalls },
    reading: null,
    audit: auditOf('cancel_sent', session, connection, { cancellationId: row.id, detail: `call ${row.calls + 1}` }),
  });
  tell(changed.row, null);
  return changed.row;
}

async function settle(
  journey: Journey,
  { row, progress, latest }: State,
  step: Extract<Step, { do: 'settle' }>,
): Promise<CancellationRow> {
  const { store, session, connection } = journey;
  const at = new Date().toISOString();
  const found = foundIn(latest);
  const reading = found
    ? readingOf(found)
    : step.state === 'unknown' || step.state === 'not_found'
      ? nothingKnown
      : null;
  // The cancel's own answer says more than the reading after it, but where it said nothing.
  const evidence: Evidence | null =
    (progress.last && progress.last.kind !== 'unclear' ? progress.last : latest)?.evidence ?? null;
  const changed = await store.run('changeCancellation', {
    id: row.id,
    changes: {
      state: step.state,
      cause: step.cause,
      foundStatus: step.foundStatus,
      confirmedBy: step.confirmedBy,
      unclearCalls: progress.unclearCalls,
      paymentInFlight: found?.paymentInFlight ? 1 : 0,
      settledAt: at,
      ...evidenceColumns(evidence),
    },
    reading: reading && { sessionKey: session.key, reading, at },
    audit: auditOf('cancel_settled', session, connection, {
      cancellationId: row.id,
      outcome: step.state,
      detail: step.cause ?? (step.state === 'cancelled' ? step.confirmedBy : step.foundStatus),
      providerCode: evidence?.providerCode ?? null,
      requestId: evidence?.requestId ?? null,
      durationMs: evidence?.durationMs ?? null,
    }),
  });
  journey.changed(changed.row, changed.session);
  return changed.row;
}

function foundIn(answer: CancelAnswer | ReadAnswer | null): FoundSession | null {
  return answer && 'session' in answer ? answer.session : null;
}
