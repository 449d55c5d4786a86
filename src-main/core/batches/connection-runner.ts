import type { BatchIssue } from '../../contract/index.ts';
import type { Cancellations } from '../cancellation/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import type { Account } from '../providers/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { BatchItemRow, BatchRow, CancellationRow, Store } from '../store/index.ts';
import { createIssueFromError, recordOutcome, toIssueDetail, type BatchCircuitBreaker } from './batch-issues.ts';
import type { BatchRepository } from './batch-repository.ts';
import { rateWindowMs, type ActiveRun, type BatchPublisher, type ConnectionProgress } from './batch-view.ts';

/** Items fetched in one read. Each item is checked again when it starts, so a change in the meantime is found. */
const pageSize = 200;
/** How long a fetched secret stays in memory. A later request fetches it again; an idle runner holds no secret. */
const accountCacheMs = 2_000;

export interface ConnectionRunnerDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly cancellations: Cancellations;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: BatchCircuitBreaker;
  readonly repository: BatchRepository;
  readonly publisher: BatchPublisher;
  /** Aborted when the workspace closes. */
  readonly shutdownSignal: AbortSignal;
}

/** A confirmed batch that runs. */
interface RunningBatch {
  readonly row: BatchRow;
  readonly run: ActiveRun;
}

/** Cancels the sessions of one batch on one connection, with as many concurrent requests as the rate limit allows. */
export class ConnectionRunner {
  readonly #dependencies: ConnectionRunnerDependencies;
  readonly #batch: RunningBatch;
  /** Aborted when the batch is paused or stopped: no new item starts, and running items continue to their outcome. */
  readonly #pauseSignal: AbortSignal;
  readonly #progress: ConnectionProgress;
  readonly #connectionId: string;
  readonly #queue: BatchItemRow[] = [];
  #lastPosition = 0;
  #pendingFetch: Promise<void> | null = null;
  #hasMore = true;
  #cachedAccount: Promise<Account> | null = null;
  #resolveRun: () => void = () => undefined;

  /** Keeps `progress` up to date. */
  constructor(dependencies: ConnectionRunnerDependencies, batch: RunningBatch, progress: ConnectionProgress) {
    this.#batch = batch;
    this.#pauseSignal = batch.run.pauseController.signal;
    this.#progress = progress;
    this.#connectionId = progress.connectionId;
    this.#dependencies = dependencies;
  }

  /** Resolves when no item is active, and no item waits or the batch is paused. Never rejects. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolveRun = resolve;
      this.#pauseSignal.addEventListener('abort', () => this.#fillSlots(), { once: true });
      this.#fillSlots();
    });
  }

  /** Twice as many items as requests may be in flight, so that storing one outcome does not delay the next request. */
  #fillSlots(): void {
    const maxActiveItems = 2 * this.#dependencies.rateLimiter.getLimits(this.#connectionId).maxInFlight;
    while (
      !this.#pauseSignal.aborted &&
      this.#progress.activeItems < maxActiveItems &&
      (this.#queue.length > 0 || this.#hasMore)
    ) {
      this.#progress.activeItems += 1;
      void this.#processNextItem().finally(() => {
        this.#progress.activeItems -= 1;
        this.#fillSlots();
      });
    }
    if (this.#progress.activeItems === 0) this.#resolveRun();
  }

  async #processNextItem(): Promise<void> {
    const { circuitBreaker, publisher } = this.#dependencies;
    let item: BatchItemRow | undefined;
    try {
      await circuitBreaker.waitUntilClosed(this.#connectionId, this.#pauseSignal);
      item = await this.#dequeueItem();
      if (!item) return;
      const result = await this.#cancelItem(item);
      if (result === 'not_started') return void this.#queue.unshift(item);
      this.#progress.remaining -= 1;
      if (result !== 'skipped') await this.#recordOutcome(result);
      publisher.markChanged(this.#batch.row.id);
    } catch (error) {
      if (!this.#pauseSignal.aborted || item) await this.#handleError(error, item);
    }
  }

  async #cancelItem(item: BatchItemRow): Promise<CancellationRow | 'skipped' | 'not_started'> {
    const { connections, cancellations, circuitBreaker } = this.#dependencies;
    connections.assertUnlocked(this.#connectionId);
    const { id: batchId, reasonCategory, reasonNote } = this.#batch.row;
    return await cancellations.cancelItem({
      batchId,
      item,
      reason: { category: reasonCategory ?? '', note: reasonNote ?? '' },
      account: await this.#getAccount(),
      batch: { circuitBreaker, pauseSignal: this.#pauseSignal },
    });
  }

  async #dequeueItem(): Promise<BatchItemRow | undefined> {
    while (this.#queue.length === 0 && this.#hasMore)
      await (this.#pendingFetch ??= this.#fetchItems().finally(() => (this.#pendingFetch = null)));
    return this.#queue.shift();
  }

  async #fetchItems(): Promise<void> {
    const rows = await this.#dependencies.store.run('waitingItems', {
      batchNumber: this.#batch.row.number,
      connectionId: this.#connectionId,
      after: this.#lastPosition,
      limit: pageSize,
    });
    this.#queue.push(...rows);
    this.#lastPosition = rows.at(-1)?.position ?? this.#lastPosition;
    this.#hasMore = rows.length === pageSize;
  }

  async #getAccount(): Promise<Account> {
    const account = (this.#cachedAccount ??= this.#fetchAccount());
    try {
      return await account;
    } catch (error) {
      if (this.#cachedAccount === account) this.#cachedAccount = null;
      throw error;
    }
  }

  #fetchAccount(): Promise<Account> {
    setTimeout(() => (this.#cachedAccount = null), accountCacheMs).unref();
    return this.#dependencies.connections.getAccount(this.#connectionId);
  }

  async #recordOutcome(row: CancellationRow): Promise<void> {
    const { settledTimes } = this.#progress;
    const now = performance.now();
    settledTimes.push(now);
    while ((settledTimes[0] ?? now) < now - rateWindowMs) settledTimes.shift();
    const connection = this.#dependencies.connections.get(this.#connectionId);
    const issue = recordOutcome(this.#dependencies.circuitBreaker, connection, row);
    if (issue) await this.#recordConnectionPaused(issue);
  }

  /**
   * An error that concerns the connection pauses the connection and returns the item to the queue. Any other error
   * pauses the batch; the item keeps its stored state.
   */
  async #handleError(error: unknown, item: BatchItemRow | undefined): Promise<void> {
    const connection = this.#dependencies.connections.get(this.#connectionId);
    const issue = createIssueFromError(error, connection);
    const concernsConnection = ['replace_secret', 'unlock_keychain', 'unlock_connection'].includes(issue.action);
    if (!concernsConnection) return haltBatch(this.#dependencies, this.#batch.row.id, this.#batch.run, issue);
    if (item) this.#queue.unshift(item);
    if (this.#dependencies.circuitBreaker.trip(this.#connectionId, issue)) await this.#recordConnectionPaused(issue);
    this.#dependencies.publisher.markChanged(this.#batch.row.id);
  }

  async #recordConnectionPaused(issue: BatchIssue): Promise<void> {
    const { row, run } = this.#batch;
    const connection = this.#dependencies.connections.get(this.#connectionId);
    await this.#dependencies.store
      .run('appendAudit', {
        action: 'batch_connection_paused',
        ...auditFields(connection),
        batchId: row.id,
        outcome: issue.action,
        detail: toIssueDetail(issue),
      })
      .catch((error: unknown) => haltBatch(this.#dependencies, row.id, run, createIssueFromError(error, connection)));
  }
}

/** Pauses the batch because of an error that concerns all its connections, such as a full disk. */
export function haltBatch(
  { repository, publisher, shutdownSignal }: ConnectionRunnerDependencies,
  batchId: string,
  run: ActiveRun,
  issue: BatchIssue,
): void {
  if (shutdownSignal.aborted || run.issue) return;
  run.issue = issue;
  run.pauseController.abort();
  publisher.markChanged(batchId);
  // If this write fails too, the issue is still shown, and a restart marks the batch as interrupted.
  run.pauseStored = repository
    .transition(batchId, 'pause', { action: 'batch_paused', outcome: issue.action, detail: toIssueDetail(issue) })
    .then(
      () => undefined,
      () => undefined,
    );
}
