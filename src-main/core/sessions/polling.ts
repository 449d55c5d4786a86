import {
  AppError,
  isAppError,
  type ParsedInput,
  type Session,
  type PollingState,
  createMessage,
} from '../../contract/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import { readSession, type ReadSessionDependencies } from './read-session.ts';
import { toReadError } from './read-error.ts';

/** The most that are watched at once: what a slow provider's pace can read within two rounds (providers.md 1.9, 1.10). */
export const maxPolledSessions = 50;
const recentWindowMs = 3_600_000;
/** A connection that refuses, or whose secret cannot be had, is left alone for this long. */
const connectionPauseMs = 300_000;

export interface SessionPollerDependencies extends ReadSessionDependencies {
  /** `providers` are paced as background. */
  readonly rateLimiter: RateLimiter;
  /** Between two rounds; each is up to a fifth longer or shorter, so that desks do not ask in step. */
  readonly intervalMs: number;
  readonly random: () => number;
  onSessionsChanged(rows: Session[]): void;
}

/**
 * Reads sessions that may still change again and again: those the operator chose, and on request the recent ones. A
 * desktop console can receive no webhook, and Xendit sends none for a cancel, so this is how a payment is noticed.
 */
export class SessionPoller {
  readonly #dependencies: SessionPollerDependencies;
  readonly #abortController = new AbortController();
  readonly #pausedConnections = new Map<string, { readonly until: number; readonly message: string }>();
  #includeRecent = false;
  #timer: NodeJS.Timeout | null = null;
  #currentRound: Promise<void> = Promise.resolve();

  constructor(dependencies: SessionPollerDependencies) {
    this.#dependencies = dependencies;
    this.#scheduleNextRound();
  }

  async state(): Promise<PollingState> {
    const { intervalMs, connections, store } = this.#dependencies;
    const now = performance.now();
    return {
      selectedSessionKeys: await store.run('watchedSessionKeys', null),
      includesRecent: this.#includeRecent,
      polledCount: (await this.#listPolledKeys()).length,
      maxSessions: maxPolledSessions,
      intervalSeconds: intervalMs / 1_000,
      paused: [...this.#pausedConnections]
        .filter(([, { until }]) => until > now)
        .map(([connectionId, { message }]) => ({
          connectionId,
          connectionName: connections.list().find(({ id }) => id === connectionId)?.name ?? '',
          ...createMessage('app.verbatim', { text: message }),
        })),
    };
  }

  /** Throws polling_refused beyond the most; then nothing changes. The choice outlives the console, `recent` does not. */
  async change({ sessionKeys, isPolled, includesRecent }: ParsedInput<'polling.change'>): Promise<PollingState> {
    const { store } = this.#dependencies;
    if (sessionKeys.length > 0) {
      const chosen = new Set(await store.run('watchedSessionKeys', null));
      if (isPolled && new Set([...chosen, ...sessionKeys]).size > maxPolledSessions) {
        throw new AppError(
          'polling_refused',
          `At most ${maxPolledSessions} sessions are watched, and ${chosen.size} are already. Let go of some, or refresh the rest when you need to.`,
        );
      }
      await store.run('setWatched', { sessionKeys, isWatched: isPolled, at: new Date().toISOString() });
    }
    this.#includeRecent = includesRecent ?? this.#includeRecent;
    return await this.state();
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
        // A round that cannot be finished, e.g. because the disk is full, is followed by the next all the same.
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
    const chosen = await store.run('watchedSessionKeys', null);
    const recent = this.#includeRecent
      ? await store.run('recentSessionKeys', {
          since: new Date(Date.now() - recentWindowMs).toISOString(),
          limit: maxPolledSessions,
        })
      : [];
    return [...new Set([...chosen, ...recent])].slice(0, maxPolledSessions);
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
    const isPaused = (this.#pausedConnections.get(connectionId)?.until ?? 0) > performance.now();
    const isFresh = session.lastCheckedAt !== null && Date.now() - Date.parse(session.lastCheckedAt) < intervalMs / 2;
    // Throttled: watching is the first to keep still.
    if (isPaused || isFresh || rateLimiter.remainingDelayMs(connectionId) > 0) return;
    try {
      const { answer, updatedSession, connection } = await readSession(this.#dependencies, session, false, signal);
      if (updatedSession) {
        this.#pausedConnections.delete(connectionId);
        this.#dependencies.onSessionsChanged([updatedSession]);
      } else if (answer.kind === 'refused') {
        this.#pauseConnection(connectionId, toReadError(answer, connection, null).message);
      }
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (connections.list().some(({ id }) => id === connectionId)) this.#pauseConnection(connectionId, error.message);
    }
  }

  #pauseConnection(connectionId: string, message: string): void {
    this.#pausedConnections.set(connectionId, { until: performance.now() + connectionPauseMs, message });
  }
}
