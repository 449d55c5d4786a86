import type PQueue from 'p-queue';
import {
  AppError,
  batchOrigin,
  createMessage,
  maxSessionsWithoutTypedCount,
  type Batch,
  type BatchConnection,
  type BatchIssue,
  type Eligibility,
  type ItemOutcome,
  type PlanSummary,
} from '../../contract/index.ts';
import { TaskTracker, throttle } from '../async.ts';
import type { Connections } from '../connections/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import {
  emptySummary,
  type BatchCountRow,
  type BatchRow,
  type PartialPlanSummary,
  type Store,
} from '../store/index.ts';
import type { BatchCircuitBreaker } from './batch-issues.ts';
import { getPlanExpiryMs } from './state-machine.ts';

/** Period over which the rate of processed items is measured. */
export const rateWindowMs = 5_000;

/** The progress of one connection of a running batch. Times are by `performance.now()`. */
export interface ConnectionProgress {
  readonly connectionId: string;
  readonly startedAt: number;
  /** Items without an outcome. */
  remaining: number;
  /** Items that were taken from the queue and have no outcome yet. */
  activeItems: number;
  /** When the items of the last seconds got their outcome. */
  readonly settledTimes: number[];
}

/** The part of a confirmed batch that is in memory only. */
export interface ActiveRun {
  /** Set while the batch is armed. */
  pendingStart: { readonly startsAt: string; readonly timer: NodeJS.Timeout } | null;
  connections: readonly ConnectionProgress[];
  /** Aborted while the batch starts no item. */
  pauseController: AbortController;
  /** Runs the work of this batch one after the other. */
  readonly queue: PQueue;
  issue: BatchIssue | null;
  /** Resolves when the pause after an error is stored, or could not be stored. */
  pauseStored: Promise<void>;
}

export interface BatchViewsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: BatchCircuitBreaker;
  /** Above this many sessions the operator types the count; capped by `maxSessionsWithoutTypedCount`. */
  getTypedCountThreshold(): number;
}

/** Builds the views of batches for the screen from their rows and from the runs in memory. */
export class BatchViews {
  readonly #dependencies: BatchViewsDependencies;
  /** By batch ID. `Runs` changes them. */
  readonly #activeRuns: ReadonlyMap<string, ActiveRun>;

  constructor(dependencies: BatchViewsDependencies, activeRuns: ReadonlyMap<string, ActiveRun>) {
    this.#dependencies = dependencies;
    this.#activeRuns = activeRuns;
  }

  /** Throws batch_not_found. */
  async get(batchId: string): Promise<Batch> {
    const row = await getBatchRow(this.#dependencies.store, batchId);
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

  /** The summary of the part that exists so far, with the present names of the connections. */
  async getSummary(batchId: string): Promise<PlanSummary> {
    const { summary } = await getBatchRow(this.#dependencies.store, batchId);
    const { connections, ...rest } = summary === null ? emptySummary : (JSON.parse(summary) as PartialPlanSummary);
    const connectionsById = new Map(
      this.#dependencies.connections.list().map((connection) => [connection.id, connection]),
    );
    return {
      ...rest,
      connections: connections.flatMap((count) => {
        const connection = connectionsById.get(count.connectionId);
        if (!connection) return [];
        const { name, environment, options } = connection;
        return [{ ...count, name, environment, provider: options.provider }];
      }),
    };
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

  #toBatch(row: BatchRow, counts: readonly BatchCountRow[]): Batch {
    const expiryMs = row.state === 'planning' || row.state === 'planned' ? getPlanExpiryMs(row) : Infinity;
    return {
      id: row.id,
      number: row.number,
      state: row.state,
      origin: batchOrigin.parse(JSON.parse(row.origin)),
      operator: row.operator,
      createdAt: row.createdAt,
      expiresAt: Number.isFinite(expiryMs) ? new Date(expiryMs).toISOString() : null,
      confirmedAt: row.confirmedAt,
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      reason: row.reasonCategory === null ? null : { category: row.reasonCategory, note: row.reasonNote ?? '' },
      digest: row.digest,
      sessions: row.sessions,
      eligible: row.asked,
      requiresTypedCount: this.requiresTypedCount(row, counts),
      eligibilityCounts: sumItemsBy(counts, ({ verdict }) => verdict) satisfies Partial<Record<Eligibility, number>>,
      outcomeCounts: sumItemsBy(counts, ({ outcome }) => outcome) satisfies Partial<Record<ItemOutcome, number>>,
      ...this.#toRunState(row, counts),
    };
  }

  #toRunState({ id, state }: BatchRow, counts: readonly BatchCountRow[]) {
    const run = this.#activeRuns.get(id);
    const connections = (run?.connections ?? []).map((progress) => this.#toBatchConnection(progress));
    const isRunning = run !== undefined && !run.pauseController.signal.aborted && run.pendingStart === null;
    const seconds = connections
      .filter(({ remaining, state: connectionState }) => remaining > 0 && connectionState !== 'paused')
      .map(
        ({ remaining, perSecond, allowedPerSecond, throttledSeconds }) =>
          remaining / (perSecond || allowedPerSecond) + throttledSeconds,
      );
    return {
      startsAt: run?.pendingStart?.startsAt ?? null,
      perSecond: isRunning ? connections.reduce((sum, { perSecond }) => sum + perSecond, 0) : 0,
      remainingSeconds: isRunning && seconds.length > 0 ? Math.ceil(Math.max(...seconds)) : null,
      connections: state === 'interrupted' ? this.#getIdleConnections(counts) : connections,
      issue: run?.issue ?? null,
    };
  }

  /** The connections that an interrupted batch will use when it resumes, with their rate limits. */
  #getIdleConnections(counts: readonly BatchCountRow[]): BatchConnection[] {
    const waiting = countWaitingByConnection(counts);
    return this.#dependencies.connections
      .list()
      .filter(({ id }) => waiting[id])
      .map(({ id }) => ({
        ...this.#toBatchConnection(createConnectionProgress(id, waiting[id] ?? 0)),
        state: 'waiting',
        inFlight: 0,
        throttledSeconds: 0,
        issue: null,
      }));
  }

  #toBatchConnection({
    connectionId,
    startedAt,
    remaining,
    activeItems,
    settledTimes,
  }: ConnectionProgress): BatchConnection {
    const { connections, rateLimiter, circuitBreaker } = this.#dependencies;
    const { name, environment } = connections.get(connectionId);
    const issue = circuitBreaker.getIssue(connectionId);
    const throttledMs = rateLimiter.remainingDelayMs(connectionId);
    return {
      connectionId,
      name,
      environment,
      remaining,
      inFlight: rateLimiter.getInFlight(connectionId),
      perSecond: measurePerSecond(startedAt, settledTimes),
      rateLimit: rateLimiter.getLimits(connectionId),
      allowedPerSecond: rateLimiter.getAllowedPerSecond(connectionId),
      throttledSeconds: Math.ceil(throttledMs / 1_000),
      issue,
      state:
        remaining === 0
          ? 'done'
          : issue
            ? 'paused'
            : throttledMs > 1_000
              ? 'throttled'
              : activeItems > 0
                ? 'running'
                : 'waiting',
    };
  }
}

/** A changed batch is published at most this long after the change. */
const publishDelayMs = 100;

/** Publishes the views of changed batches. */
export class BatchPublisher {
  readonly #views: Pick<BatchViews, 'get'>;
  readonly #onBatchChanged: (batch: Batch) => void;
  readonly #changedBatchIds = new Set<string>();
  readonly #tasks = new TaskTracker();
  readonly #schedulePublish = throttle(() => this.#tasks.run(() => this.#publish()), publishDelayMs, {
    isLeading: false,
  });

  constructor(views: Pick<BatchViews, 'get'>, onBatchChanged: (batch: Batch) => void) {
    this.#views = views;
    this.#onBatchChanged = onBatchChanged;
  }

  /** Publishes the view of the batch within 100 ms; several changes in that time are published once. */
  markChanged(batchId: string): void {
    this.#changedBatchIds.add(batchId);
    this.#schedulePublish();
  }

  async close(): Promise<void> {
    this.#schedulePublish.cancel();
    await this.#tasks.waitUntilIdle();
  }

  async #publish(): Promise<void> {
    const ids = [...this.#changedBatchIds];
    this.#changedBatchIds.clear();
    for (const id of ids) {
      // Reading fails if the store was closed in the meantime; then nothing is published.
      const batch = await this.#views.get(id).catch(() => null);
      if (batch) this.#onBatchChanged(batch);
    }
  }
}

/** Throws batch_not_found if no such batch is stored. */
export async function getBatchRow(store: Store, batchId: string): Promise<BatchRow> {
  const row = await store.run('batch', batchId);
  if (row) return row;
  throw new AppError('batch_not_found', createMessage('batch.notFound'), { details: { batchId } });
}

export function createConnectionProgress(connectionId: string, remaining: number): ConnectionProgress {
  return { connectionId, remaining, startedAt: performance.now(), activeItems: 0, settledTimes: [] };
}

/** The number of waiting items by connection ID. A connection without one is missing. */
export function countWaitingByConnection(counts: readonly BatchCountRow[]): Partial<Record<string, number>> {
  return sumItemsBy(
    counts.filter(({ outcome }) => outcome === 'waiting'),
    ({ connectionId }) => connectionId,
  );
}

function sumItemsBy<Key extends string>(
  counts: readonly BatchCountRow[],
  keyOf: (row: BatchCountRow) => Key,
): Partial<Record<Key, number>> {
  const sums: Partial<Record<Key, number>> = {};
  for (const row of counts) sums[keyOf(row)] = (sums[keyOf(row)] ?? 0) + row.items;
  return sums;
}

/** Items processed per second over the last five seconds, or since the start if that is more recent. */
function measurePerSecond(startedAt: number, settledTimes: readonly number[]): number {
  const now = performance.now();
  const from = Math.max(startedAt, now - rateWindowMs);
  const settled = settledTimes.filter((at) => at >= from).length;
  return settled === 0 ? 0 : Number((settled / ((now - from) / 1_000)).toPrecision(3));
}
