import {
  batchOrigin,
  AppError,
  maxSessionsWithoutTypedCount,
  planValidityMinutes,
  type Batch,
  type BatchConnection,
  type BatchIssue,
  type ItemOutcome,
  type Eligibility,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { AuditEntry, BatchChanges, BatchCountRow, BatchRow, Store } from '../store/index.ts';
import { nextState, statesAccepting, type BatchEvent } from './state-machine.ts';

/** What only the running console knows of a batch. */
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

/** How long a changed batch may wait until it is told. */
const publishDelayMs = 100;

/** The batches as the store has them: every step in their life goes through here, and so does what the screen sees of them. */
export class BatchRepository {
  readonly #dependencies: BatchRepositoryDependencies;
  readonly #changedBatchIds = new Set<string>();
  #publishTimer: NodeJS.Timeout | null = null;
  #publishing: Promise<void> = Promise.resolve();

  constructor(dependencies: BatchRepositoryDependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws batch_not_found. */
  async getRow(batchId: string): Promise<BatchRow> {
    const row = await this.#dependencies.store.run('batch', batchId);
    if (row) return row;
    throw new AppError('batch_not_found', 'This batch is not in the record of this workspace.', {
      details: { batchId },
    });
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

  /** A step in its life, with its record, in one transaction. Throws batch_refused where the step cannot be taken now. */
  async transition(
    batchId: string,
    event: BatchEvent,
    changes: Omit<BatchChanges, 'state'>,
    audit: AuditEntry | null,
  ): Promise<BatchRow> {
    const before = await this.getRow(batchId);
    const state = nextState(before.state, event);
    // Only from the very state that was looked at: of two steps at the same time the second one is refused.
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

  /** Its view is pushed within a tenth of a second, once for whatever happened till then. */
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
    // A store that was closed meanwhile has nothing more to tell.
    for (const id of ids)
      await this.getBatch(id).then(
        (batch) => this.#dependencies.onBatchChanged(batch),
        () => undefined,
      );
  }

  #toBatch(row: BatchRow, counts: readonly BatchCountRow[]): Batch {
    const live = this.#dependencies.getRunState(row.id);
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
      startsAt: live?.startsAt ?? null,
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      reason: row.reasonCategory === null ? null : { category: row.reasonCategory, note: row.reasonNote ?? '' },
      digest: row.digest,
      sessions: row.sessions,
      eligible: row.asked,
      requiresTypedCount: this.requiresTypedCount(row, counts),
      eligibilityCounts: sumItemsBy(counts, ({ verdict }) => verdict) satisfies Partial<Record<Eligibility, number>>,
      outcomeCounts: sumItemsBy(counts, ({ outcome }) => outcome) satisfies Partial<Record<ItemOutcome, number>>,
      perSecond: live?.perSecond ?? 0,
      remainingSeconds: live?.remainingSeconds ?? null,
      connections: row.state === 'interrupted' ? this.#getIdleConnections(counts) : [...(live?.connections ?? [])],
      issue: live?.issue ?? null,
    };
  }

  /** Where an interrupted batch would go on, and how fast: nothing runs there yet. */
  #getIdleConnections(counts: readonly BatchCountRow[]): BatchConnection[] {
    const { connections, rateLimiter } = this.#dependencies;
    const left = sumItemsBy(
      counts.filter(({ outcome }) => outcome === 'waiting'),
      ({ connectionId }) => connectionId,
    );
    return connections
      .list()
      .filter(({ id }) => left[id])
      .map(({ id, name, environment }) => ({
        connectionId: id,
        name,
        environment,
        state: 'waiting',
        remaining: left[id] ?? 0,
        inFlight: 0,
        perSecond: 0,
        rateLimit: rateLimiter.getLimits(id),
        allowedPerSecond: rateLimiter.getAllowedPerSecond(id),
        throttledSeconds: 0,
        issue: null,
      }));
  }

  /** Above a handful, and for anything in production that would be asked for. */
  requiresTypedCount({ asked }: Pick<BatchRow, 'asked'>, counts: readonly BatchCountRow[]): boolean {
    if (asked > Math.min(this.#dependencies.getTypedCountThreshold(), maxSessionsWithoutTypedCount)) return true;
    const known = new Map(this.#dependencies.connections.list().map(({ id, environment }) => [id, environment]));
    return counts.some(
      ({ connectionId, outcome }) => outcome !== 'left_out' && known.get(connectionId) === 'production',
    );
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

/** In words, what the batch is doing instead. */
function createRefusedError(row: BatchRow, event: BatchEvent): AppError {
  const states = statesAccepting(event).join(', ').replaceAll('_', ' ');
  return new AppError(
    'batch_refused',
    `Batch ${row.number} is ${row.state.replaceAll('_', ' ')} now; this can be done while it is ${states}. Nothing was changed.`,
    { details: { state: row.state } },
  );
}
