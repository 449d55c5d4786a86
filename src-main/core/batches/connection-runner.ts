import type { BatchConnection, BatchIssue, Reason } from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { Account } from '../providers/index.ts';
import type { RequestGate } from '../cancellation/index.ts';
import type { BatchItemRow, BatchRow, CancellationRow } from '../store/index.ts';
import { createIssueFromError, toIssueDetail } from './circuit-breaker.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';

/** Items fetched in one read. Each item is checked again when it starts, so a change in the meantime is found. */
const pageSize = 200;
/** How long a fetched secret stays in memory. A later request fetches it again; an idle runner holds no secret. */
const accountCacheMs = 2_000;
/** Period over which the rate of processed items is measured. */
const rateWindowMs = 5_000;

export interface ConnectionRunnerDependencies extends Pick<
  BatchesDependencies,
  'store' | 'connections' | 'cancellations' | 'rateLimiter' | 'circuitBreaker' | 'providers'
> {
  readonly batch: BatchRow;
  readonly reason: Reason;
  /** Aborted when the batch is paused or stopped: no new item starts, and running items continue to their outcome. */
  readonly pauseSignal: AbortSignal;
  onProgress(): void;
  /** Called for an error that stops the whole batch, such as a full disk. */
  pauseBatch(issue: BatchIssue): void;
}

/** Cancels the sessions of one batch on one connection, with as many concurrent requests as the rate limit allows. */
export class ConnectionRunner {
  readonly #dependencies: ConnectionRunnerDependencies;
  readonly #connectionId: string;
  readonly #queue: BatchItemRow[] = [];
  readonly #settledTimes: number[] = [];
  readonly #startedAt = performance.now();
  #remaining: number;
  #lastPosition = 0;
  #pendingFetch: Promise<void> | null = null;
  #hasMore = true;
  /**
   * Items that were taken from the queue and have no outcome yet. `#inFlight` counts their cancel requests and reads.
   */
  #activeItems = 0;
  #inFlight = 0;
  #cachedAccount: Promise<Account> | null = null;
  #resolveRun: () => void = () => undefined;

  constructor(connectionId: string, remaining: number, dependencies: ConnectionRunnerDependencies) {
    this.#connectionId = connectionId;
    this.#remaining = remaining;
    this.#dependencies = dependencies;
  }

  /** Resolves when no item is active, and no item waits or `pauseSignal` is aborted. Never rejects. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolveRun = resolve;
      this.#dependencies.pauseSignal.addEventListener('abort', () => this.#fillSlots(), { once: true });
      this.#fillSlots();
    });
  }

  getState(): BatchConnection {
    const { connections, rateLimiter, circuitBreaker } = this.#dependencies;
    const { name, environment } = connections.get(this.#connectionId);
    const issue = circuitBreaker.getIssue(this.#connectionId);
    const throttledMs = rateLimiter.remainingDelayMs(this.#connectionId);
    return {
      connectionId: this.#connectionId,
      name,
      environment,
      remaining: this.#remaining,
      inFlight: this.#inFlight,
      perSecond: this.#measurePerSecond(),
      rateLimit: rateLimiter.getLimits(this.#connectionId),
      allowedPerSecond: rateLimiter.getAllowedPerSecond(this.#connectionId),
      throttledSeconds: Math.ceil(throttledMs / 1_000),
      issue,
      state:
        this.#remaining === 0
          ? 'done'
          : issue
            ? 'paused'
            : throttledMs > 1_000
              ? 'throttled'
              : this.#activeItems > 0
                ? 'running'
                : 'waiting',
    };
  }

  /** Twice as many items as requests may be in flight, so that storing one outcome does not delay the next request. */
  #fillSlots(): void {
    const { pauseSignal, rateLimiter } = this.#dependencies;
    const maxActiveItems = 2 * rateLimiter.getLimits(this.#connectionId).maxInFlight;
    while (!pauseSignal.aborted && this.#activeItems < maxActiveItems && (this.#queue.length > 0 || this.#hasMore)) {
      this.#activeItems += 1;
      void this.#processNextItem().finally(() => {
        this.#activeItems -= 1;
        this.#fillSlots();
      });
    }
    if (this.#activeItems === 0) this.#resolveRun();
  }

  async #processNextItem(): Promise<void> {
    const { circuitBreaker, pauseSignal, onProgress } = this.#dependencies;
    let item: BatchItemRow | undefined;
    try {
      await circuitBreaker.waitUntilClosed(this.#connectionId, pauseSignal);
      item = await this.#dequeueItem();
      if (!item) return;
      const result = await this.#cancelItem(item);
      if (result === 'not_started') return void this.#queue.unshift(item);
      this.#remaining -= 1;
      if (result !== 'skipped') await this.#recordOutcome(result);
      onProgress();
    } catch (error) {
      if (!pauseSignal.aborted || item) await this.#handleError(error, item);
    }
  }

  async #cancelItem(item: BatchItemRow): Promise<CancellationRow | 'skipped' | 'not_started'> {
    const { connections, cancellations, providers, batch, reason } = this.#dependencies;
    connections.assertUnlocked(this.#connectionId);
    const account = await this.#getAccount();
    const provider = providers[account.options.provider];
    return await cancellations.cancelItem({
      batchId: batch.id,
      item,
      reason,
      account,
      provider,
      requestGate: this.#requestGate,
    });
  }

  readonly #requestGate: RequestGate = {
    retryThrottled: true,
    tryRetry: () => this.#dependencies.circuitBreaker.tryRetry(this.#connectionId),
    schedule: async (request, run, shutdownSignal, prepare) => {
      const { rateLimiter, circuitBreaker, pauseSignal } = this.#dependencies;
      // A read follows a cancel request that was sent, so it also runs after the batch was paused or stopped.
      const signal = request === 'cancel' ? pauseSignal : shutdownSignal;
      const runCounted = async () => {
        this.#inFlight += 1;
        return await run().finally(() => (this.#inFlight -= 1));
      };
      const prepareIfRunning = async () =>
        !pauseSignal.aborted && circuitBreaker.getIssue(this.#connectionId) === null && (!prepare || (await prepare()));
      const scheduled =
        request === 'cancel'
          ? rateLimiter.scheduleWithPrepare(this.#connectionId, signal, prepareIfRunning, runCounted)
          : rateLimiter.schedule(this.#connectionId, signal, runCounted);
      return await scheduled.catch((error: unknown) => {
        if (error === signal.reason) return null;
        throw error;
      });
    },
  };

  async #dequeueItem(): Promise<BatchItemRow | undefined> {
    while (this.#queue.length === 0 && this.#hasMore)
      await (this.#pendingFetch ??= this.#fetchItems().finally(() => (this.#pendingFetch = null)));
    return this.#queue.shift();
  }

  async #fetchItems(): Promise<void> {
    const { store, batch } = this.#dependencies;
    const rows = await store.run('waitingItems', {
      batchNumber: batch.number,
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
    const now = performance.now();
    this.#settledTimes.push(now);
    while ((this.#settledTimes[0] ?? now) < now - rateWindowMs) this.#settledTimes.shift();
    const connection = this.#dependencies.connections.get(this.#connectionId);
    const issue = this.#dependencies.circuitBreaker.recordOutcome(connection, row);
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
    if (!concernsConnection) return this.#dependencies.pauseBatch(issue);
    if (item) this.#queue.unshift(item);
    const isNew = this.#dependencies.circuitBreaker.getIssue(this.#connectionId) === null;
    this.#dependencies.circuitBreaker.trip(this.#connectionId, issue);
    if (isNew) await this.#recordConnectionPaused(issue);
    this.#dependencies.onProgress();
  }

  async #recordConnectionPaused(issue: BatchIssue): Promise<void> {
    const { store, connections, batch } = this.#dependencies;
    const connectionFields = auditFields(connections.get(this.#connectionId));
    await store
      .run('appendAudit', {
        action: 'batch_connection_paused',
        ...connectionFields,
        batchId: batch.id,
        outcome: issue.action,
        detail: toIssueDetail(issue),
      })
      .catch((error: unknown) =>
        this.#dependencies.pauseBatch(createIssueFromError(error, connections.get(this.#connectionId))),
      );
  }

  /** Items processed per second over the last five seconds, or since the start if that is more recent. */
  #measurePerSecond(): number {
    const now = performance.now();
    const from = Math.max(this.#startedAt, now - rateWindowMs);
    const settled = this.#settledTimes.filter((at) => at >= from).length;
    return settled === 0 ? 0 : Number((settled / ((now - from) / 1_000)).toPrecision(3));
  }
}
