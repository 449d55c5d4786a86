import { randomUUID } from 'node:crypto';
import { DeskError, isDeskError, type Connection, type RefreshState, type Session } from '../../contract/index.ts';
import type { Pace } from '../rate-limit/index.ts';
import type { Chosen } from '../store/index.ts';
import { refusalOf } from './read-error.ts';
import { readSession, type ReadParts } from './read-session.ts';

/** Sessions named at once by the store. */
const pageSize = 200;
/** After so many failures in a row a connection is given up: the next ones would fare no better. A refusal is about the credential. */
const mostFailuresInRow = { refused: 2, other: 5 };
/** How often one session is asked for again after the provider said to wait. */
const mostWaits = 5;
const keptRefreshes = 20;
const mostRunning = 4;

export interface RefreshesParts extends ReadParts {
  /** `providers` are paced as background. */
  readonly pace: Pace;
  tracked(rows: Session[]): void;
  changed(state: RefreshState): void;
}

interface Running {
  readonly id: string;
  readonly startedAt: string;
  readonly chosen: Chosen;
  /** Sessions tracked later are not part of it. */
  readonly newestKey: number;
  /** By connection: what waits for its turn or is being read is broken off, which changes nothing. */
  readonly stopping: Map<string, AbortController>;
  state: RefreshState['state'];
  readonly counts: Pick<RefreshState, 'total' | 'changed' | 'same' | 'notFound' | 'failed' | 'skipped'>;
  /** By connection: how many are left, for the time that takes. */
  readonly left: Map<string, number>;
  readonly givenUp: Map<string, { name: string; message: string }>;
  done: Promise<unknown>;
}

/** Refreshes of many sessions. They live for this run of the console: what was read is recorded as it is read. */
export class Refreshes {
  readonly #parts: RefreshesParts;
  readonly #all = new Map<string, Running>();

  constructor(parts: RefreshesParts) {
    this.#parts = parts;
  }

  /** Begins and answers at once. */
  async start(chosen: Chosen): Promise<RefreshState> {
    if ([...this.#all.values()].filter(({ state }) => state === 'running').length >= mostRunning) {
      throw new DeskError(
        'refresh_refused',
        `${mostRunning} refreshes are running already. Wait for one to finish, or stop it.`,
        { retryable: true },
      );
    }
    const { counts, newestKey } = await this.#parts.store.run('tallyOf', chosen);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new DeskError('refresh_refused', 'No session matches. Nothing was asked of a provider.');
    const running: Running = {
      id: randomUUID(),
      startedAt: new Date().toISOString(),
      chosen,
      newestKey,
      state: 'running',
      counts: { total, changed: 0, same: 0, notFound: 0, failed: 0, skipped: 0 },
      stopping: new Map(counts.map(({ connectionId }) => [connectionId, new AbortController()])),
      left: new Map(counts.map(({ connectionId, sessions }) => [connectionId, sessions])),
      givenUp: new Map(),
      done: Promise.resolve(),
    };
    this.#all.set(running.id, running);
    for (const { id, state } of this.#all.values())
      if (this.#all.size > keptRefreshes && state !== 'running') this.#all.delete(id);
    running.done = Promise.all(counts.map(({ connectionId }) => this.#connection(running, connectionId))).finally(() =>
      this.#finish(running),
    );
    running.done.catch(() => undefined);
    return this.#view(running);
  }

  /** What was read is recorded; nothing more is asked. */
  async stop(refreshId: string): Promise<RefreshState> {
    const running = this.#all.get(refreshId);
    if (!running) throw new DeskError('refresh_refused', 'This refresh is not known any more.');
    if (running.state === 'running') running.state = 'stopped';
    for (const stopping of running.stopping.values()) stopping.abort();
    await running.done.catch(() => undefined);
    return this.#view(running);
  }

  /** Answers when nothing more is read. */
  async wait(refreshId: string): Promise<void> {
    await this.#all.get(refreshId)?.done.catch(() => undefined);
  }

  list(): RefreshState[] {
    return [...this.#all.values()].map((running) => this.#view(running)).reverse();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.keys()].map((id) => this.stop(id)));
  }

  /** One connection's share: as many at a time as its pace allows, so that no connection waits for another. */
  async #connection(running: Running, connectionId: string): Promise<void> {
    const keys = this.#keys(running, connectionId);
    const signal = running.stopping.get(connectionId)?.signal ?? AbortSignal.abort();
    const progress = { failuresInRow: 0 };
    const worker = async () => {
      for (let next = await keys.next(); !next.done; next = await keys.next()) {
        if (signal.aborted) return;
        await this.#one(running, next.value, progress, signal);
        running.left.set(connectionId, Math.max(0, (running.left.get(connectionId) ?? 0) - 1));
        this.#parts.changed(this.#view(running));
      }
    };
    await Promise.all(Array.from({ length: this.#parts.pace.limits(connectionId).inFlight }, worker));
  }

  async #one(running: Running, key: number, progress: { failuresInRow: number }, signal: AbortSignal): Promise<void> {
    const { counts } = running;
    const session = await this.#parts.store.run('session', key);
    if (!session) return void (counts.skipped += 1);
    try {
      for (let waits = 0; ; waits += 1) {
        const { answer, connection, row } = await readSession(this.#parts, session, true, signal);
        if (answer.kind === 'throttled' && waits < mostWaits) continue;
        if (row) {
          progress.failuresInRow = 0;
          this.#parts.tracked([row]);
          if (answer.kind === 'not_found') counts.notFound += 1;
          else if (row.status === session.status && row.rawStatus === session.rawStatus) counts.same += 1;
          else counts.changed += 1;
        } else if (signal.aborted) {
          counts.skipped += 1;
        } else {
          counts.failed += 1;
          progress.failuresInRow += 1;
          const { message } = refusalOf(answer as Exclude<typeof answer, { kind: 'found' }>, connection, null);
          if (progress.failuresInRow >= mostFailuresInRow[answer.kind === 'refused' ? 'refused' : 'other'])
            this.#giveUp(running, connection, message);
        }
        return;
      }
    } catch (error) {
      counts.failed += 1;
      if (!isDeskError(error)) throw error;
      // No secret, no keychain, a full disk: it would be the same with every other session.
      this.#giveUp(running, this.#parts.connections.get(session.connectionId), error.message);
    }
  }

  #giveUp(running: Running, { id, name }: Connection, message: string): void {
    if (!running.givenUp.has(id)) running.givenUp.set(id, { name, message });
    running.stopping.get(id)?.abort();
  }

  /** Page by page, so that a million are never in memory. Asked for by several workers, one page after the other. */
  async *#keys({ chosen, newestKey }: Running, connectionId: string): AsyncGenerator<number, void> {
    for (let below = newestKey + 1; ;) {
      const keys = await this.#parts.store.run('keysOf', { chosen, connectionId, below, limit: pageSize });
      yield* keys;
      const last = keys.at(-1);
      if (last === undefined || keys.length < pageSize) return;
      below = last;
    }
  }

  #finish(running: Running): void {
    if (running.state === 'running') running.state = 'finished';
    const { counts } = running;
    counts.skipped = counts.total - counts.changed - counts.same - counts.notFound - counts.failed;
    running.left.clear();
    this.#parts.changed(this.#view(running));
  }

  #view({ id, startedAt, state, counts, left, givenUp }: Running): RefreshState {
    const { pace, connections } = this.#parts;
    const seconds = [...left]
      .filter(([connectionId]) => !givenUp.has(connectionId))
      .map(
        ([connectionId, sessions]) =>
          sessions / pace.limits(connectionId).perSecond + pace.heldFor(connectionId) / 1_000,
      );
    const waiting =
      state !== 'running'
        ? []
        : [...left].filter(
            ([connectionId, sessions]) =>
              sessions > 0 && !givenUp.has(connectionId) && pace.heldFor(connectionId) > 1_000,
          );
    return {
      refreshId: id,
      startedAt,
      state,
      ...counts,
      secondsLeft: state === 'running' && seconds.length > 0 ? Math.ceil(Math.max(...seconds)) : null,
      troubles: [
        ...[...givenUp].map(([connectionId, { name, message }]) => ({
          connectionId,
          connectionName: name,
          message,
          givenUp: true,
        })),
        ...waiting.map(([connectionId]) => ({
          connectionId,
          connectionName: connections.get(connectionId).name,
          givenUp: false,
          message: `The provider asked to wait: it goes on in ${Math.ceil(pace.heldFor(connectionId) / 1_000)} s.`,
        })),
      ],
    };
  }
}
