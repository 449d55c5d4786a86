import { randomUUID } from 'node:crypto';
import {
  AppError,
  createMessage,
  isAppError,
  pickMessage,
  type Connection,
  type Message,
  type RefreshState,
  type Session,
} from '../../contract/index.ts';
import { CircuitBreaker, type RateLimiter } from '../rate-limit/index.ts';
import type { SelectionOrPlan } from '../store/index.ts';
import { readSession, type ReadSessionDependencies } from './read-session.ts';

/** Number of session keys per query. */
const pageSize = 200;
/**
 * After this many consecutive failures the other sessions of the connection are skipped, because their reads would fail
 * too. `refused` is lower: it means that the provider does not accept the credential.
 */
const maxConsecutiveFailures = { refused: 2, other: 5 };
/** How often the read of one session is repeated after the provider throttled it. */
const maxThrottleRetries = 5;
const maxRetainedRefreshes = 20;
const maxRunningRefreshes = 4;

export interface RefreshesDependencies extends ReadSessionDependencies {
  /** Its `providers` send with background priority. */
  readonly rateLimiter: RateLimiter;
  onSessionsChanged(rows: Session[]): void;
  onStateChanged(state: RefreshState): void;
}

interface AbandonedConnection {
  readonly connectionName: string;
  readonly reason: Message;
}

interface RunningRefresh {
  readonly id: string;
  readonly startedAt: string;
  readonly selection: SelectionOrPlan;
  /** The refresh leaves out sessions that were tracked later. */
  readonly newestKey: number;
  /** By connection ID. An abort ends the reads that wait or run; it changes no session. */
  readonly abortControllers: Map<string, AbortController>;
  state: RefreshState['state'];
  readonly counts: Pick<RefreshState, 'total' | 'changed' | 'unchanged' | 'notFound' | 'failed' | 'skipped'>;
  /** By connection ID: the number of sessions that are not read yet. */
  readonly remaining: Map<string, number>;
  /** Open for the connections whose other sessions are skipped; its issue says why. */
  readonly circuitBreaker: CircuitBreaker<keyof typeof maxConsecutiveFailures, AbandonedConnection>;
  done: Promise<unknown>;
}

/** Refreshes of many sessions. They end when Session Desk closes; each status is stored as soon as it is read. */
export class Refreshes {
  readonly #dependencies: RefreshesDependencies;
  readonly #refreshes = new Map<string, RunningRefresh>();

  constructor(dependencies: RefreshesDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Starts a refresh and returns without waiting for its end. Throws refresh_refused if no session matches or the
   * maximum number of refreshes is running.
   */
  async start(selection: SelectionOrPlan): Promise<RefreshState> {
    if ([...this.#refreshes.values()].filter(({ state }) => state === 'running').length >= maxRunningRefreshes) {
      throw new AppError(
        'refresh_refused',
        createMessage('session.refreshLimitReached', { max: maxRunningRefreshes }),
        { retryable: true },
      );
    }
    const { counts, newestKey } = await this.#dependencies.store.run('countSelected', selection);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new AppError('refresh_refused', createMessage('session.refreshEmpty'));
    const running: RunningRefresh = {
      id: randomUUID(),
      startedAt: new Date().toISOString(),
      selection,
      newestKey,
      state: 'running',
      counts: { total, changed: 0, unchanged: 0, notFound: 0, failed: 0, skipped: 0 },
      abortControllers: new Map(counts.map(({ connectionId }) => [connectionId, new AbortController()])),
      remaining: new Map(counts.map(({ connectionId, sessions }) => [connectionId, sessions])),
      circuitBreaker: new CircuitBreaker(maxConsecutiveFailures),
      done: Promise.resolve(),
    };
    this.#refreshes.set(running.id, running);
    for (const { id, state } of this.#refreshes.values())
      if (this.#refreshes.size > maxRetainedRefreshes && state !== 'running') this.#refreshes.delete(id);
    running.done = Promise.all(
      counts.map(({ connectionId }) => this.#refreshConnection(running, connectionId)),
    ).finally(() => this.#finish(running));
    running.done.catch(() => undefined);
    return this.#toState(running);
  }

  /** Ends the refresh. Statuses that were read stay stored. Throws refresh_refused for an unknown ID. */
  async stop(refreshId: string): Promise<RefreshState> {
    const running = this.#refreshes.get(refreshId);
    if (!running) throw new AppError('refresh_refused', createMessage('session.refreshNotFound'));
    if (running.state === 'running') running.state = 'stopped';
    for (const abortController of running.abortControllers.values()) abortController.abort();
    await running.done.catch(() => undefined);
    return this.#toState(running);
  }

  /** Returns when the refresh has ended. */
  async wait(refreshId: string): Promise<void> {
    await this.#refreshes.get(refreshId)?.done.catch(() => undefined);
  }

  list(): RefreshState[] {
    return [...this.#refreshes.values()].map((running) => this.#toState(running)).reverse();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#refreshes.keys()].map((id) => this.stop(id)));
  }

  /** Reads the sessions of one connection, as many at a time as its rate limit allows. Connections run in parallel. */
  async #refreshConnection(running: RunningRefresh, connectionId: string): Promise<void> {
    const keys = this.#sessionKeys(running, connectionId);
    const signal = running.abortControllers.get(connectionId)?.signal ?? AbortSignal.abort();
    const worker = async () => {
      for (let next = await keys.next(); !next.done; next = await keys.next()) {
        if (signal.aborted) return;
        await this.#refreshSession(running, next.value, signal);
        running.remaining.set(connectionId, Math.max(0, (running.remaining.get(connectionId) ?? 0) - 1));
        this.#dependencies.onStateChanged(this.#toState(running));
      }
    };
    await Promise.all(
      Array.from({ length: this.#dependencies.rateLimiter.getLimits(connectionId).maxInFlight }, worker),
    );
  }

  async #refreshSession(running: RunningRefresh, key: number, signal: AbortSignal): Promise<void> {
    const { counts, circuitBreaker } = running;
    const session = await this.#dependencies.store.run('session', key);
    if (!session) return void (counts.skipped += 1);
    try {
      for (let throttleRetries = 0; ; throttleRetries += 1) {
        const { result, connection, updatedSession, error } = await readSession(
          this.#dependencies,
          session,
          true,
          signal,
        );
        if (result.kind === 'throttled' && throttleRetries < maxThrottleRetries) continue;
        if (updatedSession) {
          circuitBreaker.recordSuccess(connection.id);
          this.#dependencies.onSessionsChanged([updatedSession]);
          if (result.kind === 'not_found') counts.notFound += 1;
          else if (updatedSession.status === session.status && updatedSession.rawStatus === session.rawStatus)
            counts.unchanged += 1;
          else counts.changed += 1;
        } else if (signal.aborted) {
          counts.skipped += 1;
        } else {
          counts.failed += 1;
          const kind = result.kind === 'refused' ? 'refused' : 'other';
          circuitBreaker.recordFailure(connection.id, kind, toAbandonedConnection(connection, error));
          if (circuitBreaker.getIssue(connection.id)) running.abortControllers.get(connection.id)?.abort();
        }
        return;
      }
    } catch (error) {
      counts.failed += 1;
      if (!isAppError(error)) throw error;
      // A missing secret, a locked keychain or a full disk affects every other session too.
      const connection = this.#dependencies.connections.get(session.connectionId);
      circuitBreaker.trip(connection.id, toAbandonedConnection(connection, error));
      running.abortControllers.get(connection.id)?.abort();
    }
  }

  /**
   * Session keys in pages, so that memory stays bounded for a million sessions. Several workers share one generator.
   */
  async *#sessionKeys({ selection, newestKey }: RunningRefresh, connectionId: string): AsyncGenerator<number, void> {
    for (let belowKey = newestKey + 1; ;) {
      const keys = await this.#dependencies.store.run('selectedKeys', {
        selection,
        connectionId,
        belowKey,
        limit: pageSize,
      });
      yield* keys;
      const last = keys.at(-1);
      if (last === undefined || keys.length < pageSize) return;
      belowKey = last;
    }
  }

  #finish(running: RunningRefresh): void {
    if (running.state === 'running') running.state = 'finished';
    const { counts } = running;
    counts.skipped = counts.total - counts.changed - counts.unchanged - counts.notFound - counts.failed;
    running.remaining.clear();
    this.#dependencies.onStateChanged(this.#toState(running));
  }

  #toState({
    id,
    startedAt,
    state,
    counts,
    remaining,
    abortControllers,
    circuitBreaker,
  }: RunningRefresh): RefreshState {
    const { rateLimiter, connections } = this.#dependencies;
    const active = [...remaining].filter(([connectionId]) => circuitBreaker.getIssue(connectionId) === null);
    const secondsByConnection = active.map(
      ([connectionId, sessions]) =>
        sessions / rateLimiter.getLimits(connectionId).perSecond + rateLimiter.remainingDelayMs(connectionId) / 1_000,
    );
    const waiting = active.filter(
      ([connectionId, sessions]) =>
        state === 'running' && sessions > 0 && rateLimiter.remainingDelayMs(connectionId) > 1_000,
    );
    return {
      refreshId: id,
      startedAt,
      state,
      ...counts,
      remainingSeconds:
        state === 'running' && secondsByConnection.length > 0 ? Math.ceil(Math.max(...secondsByConnection)) : null,
      issues: [
        ...[...abortControllers.keys()].flatMap((connectionId) => {
          const issue = circuitBreaker.getIssue(connectionId);
          return issue
            ? [{ connectionId, connectionName: issue.connectionName, ...issue.reason, isSkipped: true }]
            : [];
        }),
        ...waiting.map(([connectionId]) => ({
          connectionId,
          connectionName: connections.get(connectionId).name,
          isSkipped: false,
          ...createMessage('session.refreshWaiting', {
            count: Math.ceil(rateLimiter.remainingDelayMs(connectionId) / 1_000),
          }),
        })),
      ],
    };
  }
}

function toAbandonedConnection({ name }: Connection, error: AppError): AbandonedConnection {
  return { connectionName: name, reason: pickMessage(error) };
}
