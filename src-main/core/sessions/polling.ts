import {
  AppError,
  createMessage,
  isAppError,
  pickMessage,
  type Message,
  type ParsedInput,
  type PollingState,
  type Session,
} from '../../contract/index.ts';
import { CircuitBreaker, type RateLimiter } from '../rate-limit/index.ts';
import { readSession, type ReadSessionDependencies } from './read-session.ts';

/** The slowest provider rate limit allows this many reads within two rounds (providers.md 1.9, 1.10). */
export const maxPolledSessions = 50;
const recentWindowMs = 3_600_000;
/** How long no session of a connection is polled after the provider refused a read or the secret was not available. */
const connectionPauseMs = 300_000;

export interface SessionPollerDependencies extends ReadSessionDependencies {
  /** Its `providers` send with background priority. */
  readonly rateLimiter: RateLimiter;
  /**
   * Mean time between two rounds; each wait is up to a fifth longer or shorter, so that several computers do not poll
   * in step.
   */
  readonly intervalMs: number;
  readonly random: () => number;
  onSessionsChanged(rows: Session[]): void;
}

/**
 * Polls the sessions that the operator selected, and on request the recent ones, until their status is final. A desktop
 * app cannot receive webhooks, and Xendit sends none for a cancellation, so Session Desk detects a payment by
 * polling.
 */
export class SessionPoller {
  readonly #dependencies: SessionPollerDependencies;
  readonly #abortController = new AbortController();
  readonly #circuitBreaker = new CircuitBreaker<'failed', Message>({ failed: 1 }, connectionPauseMs);
  #includeRecent = false;
  #timer: NodeJS.Timeout | null = null;
  #currentRound: Promise<void> = Promise.resolve();

  constructor(dependencies: SessionPollerDependencies) {
    this.#dependencies = dependencies;
    this.#scheduleNextRound();
  }

  async getState(): Promise<PollingState> {
    const { intervalMs, connections, store } = this.#dependencies;
    return {
      selectedSessionKeys: await store.run('watchedSessionKeys', null),
      includesRecent: this.#includeRecent,
      polledCount: (await this.#listPolledKeys()).length,
      maxSessions: maxPolledSessions,
      intervalSeconds: intervalMs / 1_000,
      paused: connections.list().flatMap(({ id, name }) => {
        const reason = this.#circuitBreaker.getIssue(id);
        return reason ? [{ connectionId: id, connectionName: name, ...reason }] : [];
      }),
    };
  }

  /**
   * Starts or stops the polling of sessions. The selection is stored; `includesRecent` applies until Session Desk
   * closes. Throws polling_refused, without a change, if more than `maxPolledSessions` would be selected.
   */
  async change({ sessionKeys, isPolled, includesRecent }: ParsedInput<'polling.change'>): Promise<PollingState> {
    const { store } = this.#dependencies;
    if (sessionKeys.length > 0) {
      const selectedKeys = new Set(await store.run('watchedSessionKeys', null));
      if (isPolled && new Set([...selectedKeys, ...sessionKeys]).size > maxPolledSessions) {
        throw new AppError(
          'polling_refused',
          createMessage('session.watchLimitReached', { max: maxPolledSessions, count: selectedKeys.size }),
        );
      }
      await store.run('setWatched', { sessionKeys, isWatched: isPolled, at: new Date().toISOString() });
    }
    this.#includeRecent = includesRecent ?? this.#includeRecent;
    return await this.getState();
  }

  async close(): Promise<void> {
    this.#abortController.abort();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#currentRound;
  }

  #scheduleNextRound(): void {
    if (this.#abortController.signal.aborted) return;
    const { intervalMs, random } = this.#dependencies;
    this.#timer = setTimeout(
      () => {
        // The next round starts even if this one fails, e.g. because the disk is full.
        this.#currentRound = this.#pollAll()
          .catch(() => undefined)
          .finally(() => this.#scheduleNextRound());
      },
      intervalMs * (0.8 + random() * 0.4),
    );
    this.#timer.unref();
  }

  async #listPolledKeys(): Promise<number[]> {
    const { store } = this.#dependencies;
    const selectedKeys = await store.run('watchedSessionKeys', null);
    const recentKeys = this.#includeRecent
      ? await store.run('recentSessionKeys', {
          since: new Date(Date.now() - recentWindowMs).toISOString(),
          limit: maxPolledSessions,
        })
      : [];
    return [...new Set([...selectedKeys, ...recentKeys])].slice(0, maxPolledSessions);
  }

  async #pollAll(): Promise<void> {
    await Promise.all((await this.#listPolledKeys()).map((key) => this.#pollSession(key)));
  }

  async #pollSession(key: number): Promise<void> {
    const { store, rateLimiter, intervalMs, connections } = this.#dependencies;
    const { signal } = this.#abortController;
    const session = await store.run('session', key);
    if (!session || signal.aborted) return;
    const { connectionId } = session;
    const isPaused = this.#circuitBreaker.getIssue(connectionId) !== null;
    const isFresh = session.lastCheckedAt !== null && Date.now() - Date.parse(session.lastCheckedAt) < intervalMs / 2;
    // While the provider throttles the connection, polling leaves all requests to the operator.
    if (isPaused || isFresh || rateLimiter.remainingDelayMs(connectionId) > 0) return;
    try {
      const { result, updatedSession, error } = await readSession(this.#dependencies, session, false, signal);
      if (updatedSession) {
        this.#circuitBreaker.reset(connectionId);
        this.#dependencies.onSessionsChanged([updatedSession]);
      } else if (result.kind === 'refused') {
        this.#circuitBreaker.trip(connectionId, pickMessage(error));
      }
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (connections.list().some(({ id }) => id === connectionId))
        this.#circuitBreaker.trip(connectionId, pickMessage(error));
    }
  }
}
