import { setTimeout as wait } from 'node:timers/promises';
import type { Connection, Session } from '../../contract/index.ts';
import type { Account, CancelAnswer, Evidence, FoundSession, Provider, ReadAnswer } from '../providers/index.ts';
import type { CancellationRow, Store } from '../store/index.ts';
import { afterCancel, afterRead, type Progress, type Step } from './life.ts';
import { auditOf, evidenceColumns, nothingKnown, readingOf } from './records.ts';

/** All that one cancellation needs to be carried to its outcome. */
export interface Journey {
  readonly store: Store;
  readonly provider: Provider;
  readonly account: Account;
  readonly connection: Connection;
  readonly session: Session;
  readonly row: CancellationRow;
  /** `send` for a new intent; `read` to resolve an attempt whose outcome is not known. */
  readonly begin: 'send' | 'read';
  readonly maySend: boolean;
  readonly signal: AbortSignal;
  readonly random: () => number;
  changed(row: CancellationRow, session: Session | null): void;
}

/**
 * Carries a cancellation to its outcome and records it. Rejects only where the record could not be written or the console
 * is closing; the row then stays `sent`, and the next start reads the session back.
 */
export async function drive(journey: Journey): Promise<CancellationRow> {
  const { provider, account, session, signal, random } = journey;
  let row = journey.row;
  let progress: Progress = {
    calls: 0, reads: 0, last: null, maySend: journey.maySend,
    // An attempt that began before has sent something no answer accounted for.
    unclearCalls: row.unclearCalls + (journey.begin === 'read' && row.state === 'sent' ? 1 : 0),
  };
  let step: Step = { do: journey.begin, afterMs: 0 };
  let latest: CancelAnswer | ReadAnswer | null = null;
  while (step.do !== 'settle') {
    if (step.afterMs > 0) await wait(step.afterMs, undefined, { signal });
    signal.throwIfAborted();
    if (step.do === 'send') {
      row = await markSent(journey, row, progress);
      const answer = await provider.cancel(account, session, signal);
      signal.throwIfAborted();
      latest = answer;
      progress = {
        ...progress, calls: progress.calls + 1, reads: 0, last: answer,
        unclearCalls: progress.unclearCalls + (answer.kind === 'unclear' ? 1 : 0),
      };
      step = afterCancel(answer, progress, random);
    } else {
      const answer = await provider.read(account, session, signal);
      signal.throwIfAborted();
      latest = answer;
      progress = { ...progress, reads: progress.reads + 1 };
      step = afterRead(answer, progress, random);
    }
  }
  return await settle(journey, row, step, progress, latest);
}

/** Durable before the first byte: an intent without this mark is proof that nothing was sent. */
async function markSent(journey: Journey, row: CancellationRow, progress: Progress): Promise<CancellationRow> {
  const { store, session, connection } = journey;
  const changed = await store.run('changeCancellation', {
    id: row.id,
    changes: { state: 'sent', calls: row.calls + 1, unclearCalls: progress.unclearCalls },
    reading: null,
    audit: auditOf('cancel_sent', session, connection, { cancellationId: row.id, detail: `call ${row.calls + 1}` }),
  });
  journey.changed(changed.row, null);
  return changed.row;
}

async function settle(
  journey: Journey, row: CancellationRow, step: Extract<Step, { do: 'settle' }>, progress: Progress, latest: CancelAnswer | ReadAnswer | null,
): Promise<CancellationRow> {
  const { store, session, connection } = journey;
  const at = new Date().toISOString();
  const found = foundIn(latest);
  const reading = found ? readingOf(found) : step.state === 'unknown' || step.state === 'not_found' ? nothingKnown : null;
  // The cancel's own answer says more than the reading after it, but where it said nothing.
  const evidence: Evidence | null = (progress.last && progress.last.kind !== 'unclear' ? progress.last : latest)?.evidence ?? null;
  const changed = await store.run('changeCancellation', {
    id: row.id,
    changes: {
      state: step.state, cause: step.cause, foundStatus: step.foundStatus, confirmedBy: step.confirmedBy,
      unclearCalls: progress.unclearCalls, paymentInFlight: found?.paymentInFlight ? 1 : 0, settledAt: at, ...evidenceColumns(evidence),
    },
    reading: reading && { sessionKey: session.key, reading, at },
    audit: auditOf('cancel_settled', session, connection, {
      cancellationId: row.id, outcome: step.state, detail: step.cause ?? (step.state === 'cancelled' ? step.confirmedBy : step.foundStatus),
      providerCode: evidence?.providerCode ?? null, requestId: evidence?.requestId ?? null, durationMs: evidence?.durationMs ?? null,
    }),
  });
  journey.changed(changed.row, changed.session);
  return changed.row;
}

function foundIn(answer: CancelAnswer | ReadAnswer | null): FoundSession | null {
  return answer && 'session' in answer ? answer.session : null;
}
