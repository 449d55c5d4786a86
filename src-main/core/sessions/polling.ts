import { DeskError, isDeskError, type CheckedInput, type Session, type WatchState } from '../../contract/index.ts';
import type { Pace } from '../rate-limit/index.ts';
import { readSession, type ReadParts } from './read-session.ts';
import { refusalOf } from './read-error.ts';

/** The most that are watched at once: what a slow provider's pace can read within two rounds (providers.md 1.9, 1.10). */
export const mostWatched = 50;
const recentMs = 3_600_000;
/** A connection that refuses, or whose secret cannot be had, is left alone for this long. */
const pauseMs = 300_000;

export interface WatchingParts extends ReadParts {
  /** `providers` are paced as background. */
  readonly pace: Pace;
  /** Between two rounds; each is up to a fifth longer or shorter, so that desks do not ask in step. */
  readonly everyMs: number;
  readonly random: () => number;
  tracked(rows: Session[]): void;
}

/**
 * Reads sessions that may still change again and again: those the operator chose, and on request the recent ones. A
 * desktop console can receive no webhook, and Xendit sends none for a cancel, so this is how a payment is noticed.
 */
export class Watching {
  readonly #parts: WatchingParts;
  readonly #stopping = new AbortController();
  readonly #paused = new Map<string, { readonly until: number; readonly message: string }>();
  #recent = false;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();

  constructor(parts: WatchingParts) {
    this.#parts = parts;
    this.#plan();
  }

  async state(): Promise<WatchState> {
    const { everyMs, connections, store } = this.#parts;
    const now = performance.now();
    return {
      chosen: await store.run('chosenSessions', null),
      recent: this.#recent,
      watched: (await this.#watched()).length,
      most: mostWatched,
      everySeconds: everyMs / 1_000,
      paused: [...this.#paused]
        .filter(([, { until }]) => until > now)
        .map(([connectionId, { message }]) => ({
          connectionId,
          connectionName: connections.list().find(({ id }) => id === connectionId)?.name ?? '',
          message,
        })),
    };
  }

  /** Throws watch_refused beyond the most; then nothing changes. The choice outlives the console, `recent` does not. */
  async change({ sessionKeys, watched, recent }: CheckedInput<'watching.change'>): Promise<WatchState> {
    const { store } = this.#parts;
    if (sessionKeys.length > 0) {
      const chosen = new Set(await store.run('chosenSessions', null));
      if (watched && new Set([...chosen, ...sessionKeys]).size > mostWatched) {
        throw new DeskError(
          'watch_refused',
          `At most ${mostWatched} sessions are watched, and ${chosen.size} are already. Let go of some, or refresh the rest when you need to.`,
        );
      }
      await store.run('changeWatched', { sessionKeys, watched, at: new Date().toISOString() });
    }
    this.#recent = recent ?? this.#recent;
    return await this.state();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#round;
  }

  #plan(): void {
    if (this.#stopping.signal.aborted) return;
    const { everyMs, random } = this.#parts;
    this.#timer = setTimeout(
      () => {
        // A round that cannot be finished, e.g. because the disk is full, is followed by the next all the same.
        this.#round = this.#readAll()
          .catch(() => undefined)
          .finally(() => this.#plan());
      },
      everyMs * (0.8 + random() * 0.4),
    );
    this.#timer.unref();
  }

  async #watched(): Promise<number[]> {
    const { store } = this.#parts;
    const chosen = await store.run('chosenSessions', null);
    const recent = this.#recent
      ? await store.run('recentSessions', { since: new Date(Date.now() - recentMs).toISOString(), limit: mostWatched })
      : [];
    return [...new Set([...chosen, ...recent])].slice(0, mostWatched);
  }

  async #readAll(): Promise<void> {
    await Promise.all((await this.#watched()).map((key) => this.#readOne(key)));
  }

  async #readOne(key: number): Promise<void> {
    const { store, pace, everyMs, connections } = this.#parts;
    const { signal } = this.#stopping;
    const session = await store.run('session', key);
    if (!session || signal.aborted) return;
    const { connectionId } = session;
    const isPaused = (this.#paused.get(connectionId)?.until ?? 0) > performance.now();
    const isFresh = session.lastCheckedAt !== null && Date.now() - Date.parse(session.lastCheckedAt) < everyMs / 2;
    // Throttled: watching is the first to keep still.
    if (isPaused || isFresh || pace.heldFor(connectionId) > 0) return;
    try {
      const { answer, row, connection } = await readSession(this.#parts, session, false, signal);
      if (row) {
        this.#paused.delete(connectionId);
        this.#parts.tracked([row]);
      } else if (answer.kind === 'refused') {
        this.#pause(connectionId, refusalOf(answer, connection, null).message);
      }
    } catch (error) {
      if (!isDeskError(error)) throw error;
      if (connections.list().some(({ id }) => id === connectionId)) this.#pause(connectionId, error.message);
    }
  }

  #pause(connectionId: string, message: string): void {
    this.#paused.set(connectionId, { until: performance.now() + pauseMs, message });
  }
}
