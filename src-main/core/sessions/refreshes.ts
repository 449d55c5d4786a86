import { randomUUID } from 'node:crypto';
import {
  AppError,
  isAppError,
  type Connection,
  type RefreshState,
  type Session,
  createMessage,
} from '../../contract/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { SelectionOrPlan } from '../store/index.ts';
import { toReadError } from './read-error.ts';
import { readSession, type ReadSessionDependencies } from './read-session.ts';

/** Sessions named at once by the store. */
const pageSize = 200;
/** After so many failures in a row a connection is given up: the next ones would fare no better. A refusal is about the credential. */
const maxConsecutiveFailures = { refused: 2, other: 5 };
/** How often one session is asked for again after the provider said to wait. */
const maxThrottleRetries = 5;
const maxRetainedRefreshes = 20;
const maxRunningRefreshes = 4;

export interface RefreshesDependencies extends ReadSessionDependencies {
  /** `providers` are paced as background. */
  readonly rateLimiter: RateLimiter;
  onSessionsChanged(rows: Session[]): void;
  onStateChanged(state: RefreshState): void;
}

interface RunningRefresh {
  readonly id: string;
  readonly startedAt: string;
  readonly selection: SelectionOrPlan;
  /** Sessions tracked later are not part of it. */
  readonly newestKey: number;
  /** By connection: what waits for its turn or is being read is broken off, which changes nothing. */
  readonly abortControllers: Map<string, AbortController>;
  state: RefreshState['state'];
  readonly counts: Pick<RefreshState, 'total' | 'changed' | 'unchanged' | 'notFound' | 'failed' | 'skipped'>;
  /** By connection: how many are left, for the time that takes. */
  readonly remaining: Map<string, number>;
  readonly abandoned: Map<string, { name: string; message: string }>;
  done: Promise<unknown>;
}

/** Refreshes of many sessions. They live for this run of the console: what was read is recorded as it is read. */
export class Refreshes {
  readonly #dependencies: RefreshesDependencies;
  readonly #refreshes = new Map<string, RunningRefresh>();

  constructor(dependencies: RefreshesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Begins and answers at once. */
  async start(selection: SelectionOrPlan): Promise<RefreshState> {
    if ([...this.#refreshes.values()].filter(({ state }) => state === 'running').length >= maxRunningRefreshes) {
      throw new AppError(
        'refresh_refused',
        `${maxRunningRefreshes} refreshes are running already. Wait for one to finish, or stop it.`,
        { retryable: true },
      );
    }
    const { counts, newestKey } = await this.#dependencies.store.run('countSelected', selection);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new AppError('refresh_refused', 'No session matches. Nothing was asked of a provider.');
    const running: RunningRefresh = {
      id: randomUUID(),
      startedAt: new Date().toISOString(),
      selection,
      newestKey,
      state: 'running',
      counts: { total, changed: 0, unchanged: 0, notFound: 0, failed: 0, skipped: 0 },
      abortControllers: new Map(counts.map(({ connectionId }) => [connectionId, new AbortController()])),
      remaining: new Map(counts.map(({ connectionId, sessions }) => [connectionId, sessions])),
      abandoned: new Map(),
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

  /** What was read is recorded; nothing more is asked. */
  async stop(refreshId: string): Promise<RefreshState> {
    const running = this.#refreshes.get(refreshId);
    if (!running) throw new AppError('refresh_refused', 'This refresh is not known any more.');
    if (running.state === 'running') running.state = 'stopped';
    for (const stopping of running.abortControllers.values()) stopping.abort();
    await running.done.catch(() => undefined);
    return this.#toState(running);
  }

  /** Answers when nothing more is read. */
  async wait(refreshId: string): Promise<void> {
    await this.#refreshes.get(refreshId)?.done.catch(() => undefined);
  }

  list(): RefreshState[] {
    return [...this.#refreshes.values()].map((running) => this.#toState(running)).reverse();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#refreshes.keys()].map((id) => this.stop(id)));
  }

  /** One connection's share: as many at a time as its pace allows, so that no connection waits for another. */
  async #refreshConnection(running: RunningRefresh, connectionId: string): Promise<void> {
    const keys = this.#sessionKeys(running, connectionId);
    const signal = running.abortControllers.get(connectionId)?.signal ?? AbortSignal.abort();
    const progress = { consecutiveFailures: 0 };
    const worker = async () => {
      for (let next = await keys.next(); !next.done; next = await keys.next()) {
        if (signal.aborted) return;
        await this.#refreshSession(running, next.value, progress, signal);
        running.remaining.set(connectionId, Math.max(0, (running.remaining.get(connectionId) ?? 0) - 1));
        this.#dependencies.onStateChanged(this.#toState(running));
      }
    };
    await Promise.all(
      Array.from({ length: this.#dependencies.rateLimiter.getLimits(connectionId).maxInFlight }, worker),
    );
  }

  async #refreshSession(
    running: RunningRefresh,
    key: number,
    progress: { consecutiveFailures: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { counts } = running;
    const session = await this.#dependencies.store.run('session', key);
    if (!session) return void (counts.skipped += 1);
    try {
      for (let waits = 0; ; waits += 1) {
        const { answer, connection, updatedSession } = await readSession(this.#dependencies, session, true, signal);
        if (answer.kind === 'throttled' && waits < maxThrottleRetries) continue;
        if (updatedSession) {
          progress.consecutiveFailures = 0;
          this.#dependencies.onSessionsChanged([updatedSession]);
          if (answer.kind === 'not_found') counts.notFound += 1;
          else if (updatedSession.status === session.status && updatedSession.rawStatus === session.rawStatus)
            counts.unchanged += 1;
          else counts.changed += 1;
        } else if (signal.aborted) {
          counts.skipped += 1;
        } else {
          counts.failed += 1;
          progress.consecutiveFailures += 1;
          const { message } = toReadError(answer as Exclude<typeof answer, { kind: 'found' }>, connection, null);
          if (progress.consecutiveFailures >= maxConsecutiveFailures[answer.kind === 'refused' ? 'refused' : 'other'])
            this.#abandonConnection(running, connection, message);
        }
        return;
      }
    } catch (error) {
      counts.failed += 1;
      if (!isAppError(error)) throw error;
      // No secret, no keychain, a full disk: it would be the same with every other session.
      this.#abandonConnection(running, this.#dependencies.connections.get(session.connectionId), error.message);
    }
  }

  #abandonConnection(running: RunningRefresh, { id, name }: Connection, message: string): void {
    if (!running.abandoned.has(id)) running.abandoned.set(id, { name, message });
    running.abortControllers.get(id)?.abort();
  }

  /** Page by page, so that a million are never in memory. Asked for by several workers, one page after the other. */
  async *#sessionKeys({ selection, newestKey }: RunningRefresh, connectionId: string): AsyncGenerator<number, void> {
    for (let below = newestKey + 1; ;) {
      const keys = await this.#dependencies.store.run('selectedKeys', {
        selection,
        connectionId,
        belowKey: below,
        limit: pageSize,
      });
      yield* keys;
      const last = keys.at(-1);
      if (last === undefined || keys.length < pageSize) return;
      below = last;
    }
  }

  #finish(running: RunningRefresh): void {
    if (running.state === 'running') running.state = 'finished';
    const { counts } = running;
    counts.skipped = counts.total - counts.changed - counts.unchanged - counts.notFound - counts.failed;
    running.remaining.clear();
    this.#dependencies.onStateChanged(this.#toState(running));
  }

  #toState({ id, startedAt, state, counts, remaining, abandoned }: RunningRefresh): RefreshState {
    const { rateLimiter, connections } = this.#dependencies;
    const seconds = [...remaining]
      .filter(([connectionId]) => !abandoned.has(connectionId))
      .map(
        ([connectionId, sessions]) =>
          sessions / rateLimiter.getLimits(connectionId).perSecond + rateLimiter.remainingDelayMs(connectionId) / 1_000,
      );
    const waiting =
      state !== 'running'
        ? []
        : [...remaining].filter(
            ([connectionId, sessions]) =>
              sessions > 0 && !abandoned.has(connectionId) && rateLimiter.remainingDelayMs(connectionId) > 1_000,
          );
    return {
      refreshId: id,
      startedAt,
      state,
      ...counts,
      remainingSeconds: state === 'running' && seconds.length > 0 ? Math.ceil(Math.max(...seconds)) : null,
      issues: [
        ...[...abandoned].map(([connectionId, { name, message }]) => ({
          connectionId,
          connectionName: name,
          ...createMessage('app.verbatim', { text: message }),
          isSkipped: true,
        })),
        ...waiting.map(([connectionId]) => ({
          connectionId,
          connectionName: connections.get(connectionId).name,
          isSkipped: false,
          ...createMessage('app.verbatim', {
            text: `The provider asked to wait: it goes on in ${Math.ceil(rateLimiter.remainingDelayMs(connectionId) / 1_000)} s.`,
          }),
        })),
      ],
    };
  }
}
