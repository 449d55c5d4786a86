import {
  batchOrigin,
  AppError,
  maxSessionsWithoutTypedCount,
  createMessage,
  planValidityMinutes,
  type Batch,
  type BatchConnection,
  type BatchIssue,
  type BatchState,
  type ItemOutcome,
  type Eligibility,
  type Message,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { AuditEntry, BatchChanges, BatchCountRow, BatchRow, Store } from '../store/index.ts';
import { nextState, type BatchEvent } from './state-machine.ts';

/** The part of a batch that is in memory only, while it runs. */
export interface RunState {
  readonly startsAt: string | null;
  readonly perSecond: number;
  readonly remainingSeconds: number | null;
  readonly connections: readonly BatchConnection[];
  readonly issue: BatchIssue | null;
}

export interface BatchRepositoryDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly rateLimiter: Pick<RateLimiter, 'getLimits' | 'getAllowedPerSecond'>;
  getTypedCountThreshold(): number;
  getRunState(batchId: string): RunState | null;
  onBatchChanged(batch: Batch): void;
}

/** A changed batch is published at most this long after the change. */
const publishDelayMs = 100;

/** Reads batches from the store, changes their state, builds their view for the screen and publishes changes. */
export class BatchRepository {
  readonly #dependencies: BatchRepositoryDependencies;
  readonly #changedBatchIds = new Set<string>();
  #publishTimer: NodeJS.Timeout | null = null;
  #publishing: Promise<void> = Promise.resolve();

  constructor(dependencies: BatchRepositoryDependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws batch_not_found if no such batch is stored. */
  async getRow(batchId: string): Promise<BatchRow> {
    const row = await this.#dependencies.store.run('batch', batchId);
    if (row) return row;
    throw new AppError('batch_not_found', createMessage('batch.notFound'), { details: { batchId } });
  }

  async getBatch(batchId: string): Promise<Batch> {
    const row = await this.getRow(batchId);
    return this.#toBatch(row, await this.#dependencies.store.run('batchCounts', [row.number]));
  }

  async getPage(input: { before: number | null; limit: number }): Promise<{ rows: Batch[]; next: number | null }> {
    const rows = await this.#dependencies.store.run('batchPage', input);
    const counts = await this.#dependencies.store.run(
      'batchCounts',
      rows.map(({ number }) => number),
    );
    const countsOf = (number: number) => counts.filter(({ batchNumber }) => batchNumber === number);
    const last = rows.at(-1);
    return {
      rows: rows.map((row) => this.#toBatch(row, countsOf(row.number))),
      next: last && rows.length === input.limit ? last.number : null,
    };
  }

  /**
   * Changes the state and stores the audit record in one transaction. Throws batch_refused if the present state does
   * not accept the event, batch_not_found if the batch does not exist.
   */
  async transition(
    batchId: string,
    event: BatchEvent,
    changes: Omit<BatchChanges, 'state'>,
    audit: AuditEntry | null,
  ): Promise<BatchRow> {
    const before = await this.getRow(batchId);
    const state = nextState(before.state, event);
    // The write requires the state that was read, so the second of two concurrent transitions is refused.
    const row =
      state &&
      (await this.#dependencies.store.run('changeBatch', {
        id: batchId,
        from: [before.state],
        changes: { ...changes, state },
        audit,
      }));
    if (!row) throw createRefusedError(before, event);
    this.markChanged(batchId);
    return row;
  }

  /** Publishes the view of the batch within 100 ms; several changes in that time are published once. */
  markChanged(batchId: string): void {
    this.#changedBatchIds.add(batchId);
    this.#publishTimer ??= setTimeout(() => void (this.#publishing = this.#publishChanges()), publishDelayMs).unref();
  }

  async close(): Promise<void> {
    if (this.#publishTimer) clearTimeout(this.#publishTimer);
    await this.#publishing;
  }

  async #publishChanges(): Promise<void> {
    this.#publishTimer = null;
    const ids = [...this.#changedBatchIds];
    this.#changedBatchIds.clear();
    // Reading fails if the store was closed in the meantime; then nothing is published.
    for (const id of ids)
      await this.getBatch(id).then(
        (batch) => this.#dependencies.onBatchChanged(batch),
        () => undefined,
      );
  }

  #toBatch(row: BatchRow, counts: readonly BatchCountRow[]): Batch {
    const runState = this.#dependencies.getRunState(row.id);
    const isPlan = row.state === 'planning' || row.state === 'planned';
    return {
      id: row.id,
      number: row.number,
      state: row.state,
      origin: batchOrigin.parse(JSON.parse(row.origin)),
      operator: row.operator,
      createdAt: row.createdAt,
      expiresAt:
        isPlan && row.plannedAt
          ? new Date(Date.parse(row.plannedAt) + planValidityMinutes * 60_000).toISOString()
          : null,
      confirmedAt: row.confirmedAt,
      startsAt: runState?.startsAt ?? null,
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      reason: row.reasonCategory === null ? null : { category: row.reasonCategory, note: row.reasonNote ?? '' },
      digest: row.digest,
      sessions: row.sessions,
      eligible: row.asked,
      requiresTypedCount: this.requiresTypedCount(row, counts),
      eligibilityCounts: sumItemsBy(counts, ({ verdict }) => verdict) satisfies Partial<Record<Eligibility, number>>,
      outcomeCounts: sumItemsBy(counts, ({ outcome }) => outcome) satisfies Partial<Record<ItemOutcome, number>>,
      perSecond: runState?.perSecond ?? 0,
      remainingSeconds: runState?.remainingSeconds ?? null,
      connections: row.state === 'interrupted' ? this.#getIdleConnections(counts) : [...(runState?.connections ?? [])],
      issue: runState?.issue ?? null,
    };
  }

  /** The connections that an interrupted batch will use when it resumes, with their rate limits. */
  #getIdleConnections(counts: readonly BatchCountRow[]): BatchConnection[] {
    const { connections, rateLimiter } = this.#dependencies;
    const waitingCounts = sumItemsBy(
      counts.filter(({ outcome }) => outcome === 'waiting'),
      ({ connectionId }) => connectionId,
    );
    return connections
      .list()
      .filter(({ id }) => waitingCounts[id])
      .map(({ id, name, environment }) => ({
        connectionId: id,
        name,
        environment,
        state: 'waiting',
        remaining: waitingCounts[id] ?? 0,
        inFlight: 0,
        perSecond: 0,
        rateLimit: rateLimiter.getLimits(id),
        allowedPerSecond: rateLimiter.getAllowedPerSecond(id),
        throttledSeconds: 0,
        issue: null,
      }));
  }

  /** True above the threshold, and if any eligible session is in production. */
  requiresTypedCount({ asked }: Pick<BatchRow, 'asked'>, counts: readonly BatchCountRow[]): boolean {
    return this.isAboveThreshold({ asked }) || this.getProductionConnections(counts).length > 0;
  }

  isAboveThreshold({ asked }: Pick<BatchRow, 'asked'>): boolean {
    return asked > Math.min(this.#dependencies.getTypedCountThreshold(), maxSessionsWithoutTypedCount);
  }

  /** The names of the production connections that have eligible sessions. */
  getProductionConnections(counts: readonly BatchCountRow[]): string[] {
    const used = new Set(
      counts.filter(({ outcome }) => outcome !== 'left_out').map(({ connectionId }) => connectionId),
    );
    return this.#dependencies.connections
      .list()
      .filter(({ id, environment }) => environment === 'production' && used.has(id))
      .map(({ name }) => name);
  }
}

function sumItemsBy<Key extends string>(
  counts: readonly BatchCountRow[],
  keyOf: (row: BatchCountRow) => Key,
): Partial<Record<Key, number>> {
  const sums: Partial<Record<Key, number>> = {};
  for (const row of counts) sums[keyOf(row)] = (sums[keyOf(row)] ?? 0) + row.items;
  return sums;
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
