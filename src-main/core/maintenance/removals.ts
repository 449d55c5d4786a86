import {
  AppError,
  undoWindowHours,
  type ParsedInput,
  type Removal,
  type RemovalResult,
  type RestoreResult,
} from '../../contract/index.ts';
import type { Store } from '../store/index.ts';

/** One transaction's worth: some tens of milliseconds, after which an intent that waits goes first. */
const sliceSize = 500;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const undoWindowMs = undoWindowHours * hourMs;
/** Between two looks for what is kept no longer. */
const purgeIntervalMs = 10 * 60_000;

interface RemovalsDependencies {
  readonly store: Store;
  onChanged(removals: Removal[]): void;
  /** Sessions came or went, more than are worth naming. */
  onSessionsChanged(): void;
  /** What is over its day could not be forgotten; it is tried again. */
  onPurgeFailed(error: unknown): void;
}

/**
 * Removes old sessions and brings them back. Each slice is one transaction with its audit record, so a crash loses nothing:
 * what was removed by then can be undone, and an undo goes on where it was. One at a time: a removal would take away again
 * what an undo beside it brings back.
 */
export class Removals {
  readonly #dependencies: RemovalsDependencies;
  readonly #timer: NodeJS.Timeout;
  #queue: Promise<unknown> = Promise.resolve();
  #isClosing = false;
  #progress: (NonNullable<Removal['progress']> & { readonly removalId: string }) | null = null;

  constructor(dependencies: RemovalsDependencies) {
    this.#dependencies = dependencies;
    const forget = () =>
      void this.#runExclusive(() => this.#purge()).catch((error: unknown) => dependencies.onPurgeFailed(error));
    this.#timer = setInterval(forget, purgeIntervalMs);
    this.#timer.unref();
    forget();
  }

  /** How many a removal would take now. */
  async countOld({ olderThanDays }: ParsedInput<'sessions.countOld'>): Promise<{ count: number }> {
    return { count: await this.#dependencies.store.run('countOldSessions', cutoffFor(olderThanDays)) };
  }

  /** What can be undone now, newest first. */
  async list(): Promise<Removal[]> {
    const kept = await this.#dependencies.store.run(
      'retainedRemovals',
      new Date(Date.now() - undoWindowMs).toISOString(),
    );
    return kept.map(({ id, at: removedAt, operator, sessions: retainedSessions }) => {
      const { removalId, ...progress } = this.#progress ?? { removalId: null };
      const purgesAt = new Date(Date.parse(removedAt) + undoWindowMs).toISOString();
      return {
        removalId: id,
        removedAt,
        purgesAt,
        operator,
        retainedSessions,
        progress: removalId === id ? (progress as Removal['progress']) : null,
      };
    });
  }

  /**
   * Removes sessions in a final state that nobody has heard of for so many days; their audit records stay. Answers with
   * what was removed by then where the workspace is closed meanwhile.
   */
  removeOld({ olderThanDays }: ParsedInput<'sessions.removeOld'>): Promise<RemovalResult> {
    return this.#runExclusive(async () => {
      const { store } = this.#dependencies;
      const before = cutoffFor(olderThanDays);
      const removal = { id: crypto.randomUUID(), at: new Date().toISOString() };
      const work = { kind: 'removing', done: 0, total: await store.run('countOldSessions', before) } as const;
      const removedCount = await this.#runInSlices(removal.id, work, async () => {
        const now = await store.run('removeOldSessions', { ...removal, before, limit: sliceSize });
        return { done: now, isLast: now < sliceSize };
      });
      return { removedCount, removalId: removedCount > 0 ? removal.id : null };
    });
  }

  /** Throws removal_not_found. Answers with what is back by then where the workspace is closed meanwhile. */
  undo(removalId: string): Promise<RestoreResult> {
    return this.#runExclusive(async () => {
      const total = (await this.list()).find((removal) => removal.removalId === removalId)?.retainedSessions;
      if (total === undefined) {
        throw new AppError(
          'removal_not_found',
          `These sessions cannot be brought back: they are back already, or more than ${undoWindowHours} hours have passed.`,
        );
      }
      const sum = { restoredCount: 0, mergedCount: 0, unrestorableCount: 0 };
      await this.#runInSlices(removalId, { kind: 'restoring', done: 0, total }, async () => {
        const slice = await this.#dependencies.store.run('restoreSessions', { id: removalId, limit: sliceSize });
        if (!slice) return { done: 0, isLast: true };
        const { restored, merged, lost, remaining } = slice;
        sum.restoredCount += restored;
        sum.mergedCount += merged;
        sum.unrestorableCount += lost;
        return { done: restored + merged + lost, isLast: remaining === 0 };
      });
      return sum;
    });
  }

  /** Ends after the slice that is under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    await this.#queue;
  }

  /** One after the other until the last, and tells of each; answers how many in all. */
  async #runInSlices(
    removalId: string,
    work: NonNullable<Removal['progress']>,
    slice: () => Promise<{ done: number; isLast: boolean }>,
  ): Promise<number> {
    let done = 0;
    try {
      this.#progress = { ...work, removalId };
      await this.#notify();
      for (let isLast = false; !isLast && !this.#isClosing;) {
        const now = await slice();
        done += now.done;
        isLast = now.isLast;
        this.#progress = { ...work, done, removalId };
        if (!isLast) await this.#notify();
      }
    } finally {
      this.#progress = null;
      await this.#notify();
      if (done > 0) this.#dependencies.onSessionsChanged();
    }
    return done;
  }

  async #purge(): Promise<void> {
    const until = new Date(Date.now() - undoWindowMs).toISOString();
    let some = false;
    while (
      !this.#isClosing &&
      (await this.#dependencies.store.run('purgeRemoved', { removedUntil: until, limit: sliceSize })) > 0
    )
      some = true;
    if (some) await this.#notify();
  }

  /** Whoever asks finds out the same; what could not be told stops nothing. */
  async #notify(): Promise<void> {
    const now = await this.list().catch(() => null);
    if (now) this.#dependencies.onChanged(now);
  }

  #runExclusive<Value>(act: () => Promise<Value>): Promise<Value> {
    const run = this.#queue.then(act);
    this.#queue = run.catch(() => undefined);
    return run;
  }
}

function cutoffFor(olderThanDays: number): string {
  return new Date(Date.now() - olderThanDays * dayMs).toISOString();
}
