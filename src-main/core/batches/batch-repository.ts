import { AppError, createMessage, type BatchOrigin, type BatchState, type Message } from '../../contract/index.ts';
import type { AuditEntry, BatchChanges, BatchRow, Store } from '../store/index.ts';
import { getBatchRow, type BatchPublisher } from './batch-view.ts';
import { isFinalState, nextState, type BatchEvent } from './state-machine.ts';

/** Reads the rows of batches, and is the only place that changes their state. */
export class BatchRepository {
  readonly #store: Store;
  readonly #publisher: Pick<BatchPublisher, 'markChanged'>;

  constructor(store: Store, publisher: Pick<BatchPublisher, 'markChanged'>) {
    this.#store = store;
    this.#publisher = publisher;
  }

  /** Throws batch_not_found if no such batch is stored. */
  getRow(batchId: string): Promise<BatchRow> {
    return getBatchRow(this.#store, batchId);
  }

  /** Stores a plan in the state `planning`, without sessions. */
  insertPlan(origin: BatchOrigin, { operator, host }: { operator: string; host: string }): Promise<BatchRow> {
    return this.#store.run('insertBatch', {
      id: crypto.randomUUID(),
      state: 'planning',
      origin: JSON.stringify(origin),
      operator,
      host,
      createdAt: new Date().toISOString(),
      plannedAt: null,
      confirmedAt: null,
      startedAt: null,
      endedAt: null,
      reasonCategory: null,
      reasonNote: null,
      digest: null,
      summary: null,
      sessions: 0,
      asked: 0,
    });
  }

  /**
   * Changes the state and stores the audit record in one transaction. A final state sets the time of the end. Throws
   * batch_refused if the present state does not accept the event, batch_not_found if the batch does not exist.
   */
  async transition(
    batchId: string,
    event: BatchEvent,
    audit: AuditEntry | null,
    changes: Omit<BatchChanges, 'state' | 'endedAt'> = {},
  ): Promise<BatchRow> {
    const before = await this.getRow(batchId);
    const state = nextState(before.state, event);
    const end = state && isFinalState(state) ? { endedAt: new Date().toISOString() } : {};
    // The write requires the state that was read, so the second of two concurrent transitions is refused.
    const row =
      state &&
      (await this.#store.run('changeBatch', {
        id: batchId,
        from: [before.state],
        changes: { ...changes, ...end, state },
        audit,
      }));
    if (!row) throw createRefusedError(before, event);
    this.#publisher.markChanged(batchId);
    return row;
  }
}

const stateMessageKeys = {
  planning: 'batch.statePlanning',
  planned: 'batch.statePlanned',
  expired: 'batch.stateExpired',
  discarded: 'batch.stateDiscarded',
  armed: 'batch.stateArmed',
  called_off: 'batch.stateCalledOff',
  running: 'batch.stateRunning',
  paused: 'batch.statePaused',
  stopping: 'batch.stateStopping',
  interrupted: 'batch.stateInterrupted',
  stopped: 'batch.stateStopped',
  finished: 'batch.stateFinished',
} as const satisfies Record<BatchState, string>;

/** The name of the state, for a parameter of another message. */
export function createStateMessage(state: BatchState): Message {
  return createMessage(stateMessageKeys[state]);
}

const refusalMessageKeys = {
  discard: 'batch.discardRefused',
  abort: 'batch.abortRefused',
  pause: 'batch.pauseRefused',
  resume: 'batch.resumeRefused',
  stop: 'batch.stopRefused',
} as const satisfies Partial<Record<BatchEvent, string>>;

function createRefusedError({ number, state }: BatchRow, event: BatchEvent): AppError {
  const messageKey =
    event in refusalMessageKeys
      ? refusalMessageKeys[event as keyof typeof refusalMessageKeys]
      : 'batch.transitionRefused';
  const message = createMessage(messageKey, { number, state: createStateMessage(state) });
  return new AppError('batch_refused', message, { details: { state } });
}
