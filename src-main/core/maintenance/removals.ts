import PQueue from 'p-queue';
import {
  AppError,
  createMessage,
  undoWindowHours,
  type ParsedInput,
  type Removal,
  type RemovalResult,
  type RestoreResult,
} from '../../contract/index.ts';
import type { Store } from '../store/index.ts';

/** Sessions per transaction: some tens of milliseconds. Waiting intents run between slices. */
const sliceSize = 500;
/** Each removed session takes about a millisecond, because its search terms are removed from the index at once. */
const removalSliceSize = 100;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const undoWindowMs = undoWindowHours * hourMs;
/** Interval between two purges, and between two truncations of the write-ahead log. */
const purgeIntervalMs = 10 * 60_000;

interface RemovalsDependencies {
  readonly store: Store;
  onChanged(removals: Removal[]): void;
  /** Many sessions were removed or restored. */
  onSessionsChanged(): void;
  /** A purge failed; it is retried. */
  onPurgeFailed(error: unknown): void;
}

/**
 * Removes old sessions and restores them. Each slice is one transaction with its audit record, so a crash loses
 * nothing: sessions that were already removed can be restored, and an undo can be continued. Jobs run one at a time,
 * because a removal would remove the sessions again that a concurrent undo restores.
 */
export class Removals {
  readonly #dependencies: RemovalsDependencies;
  readonly #timer: NodeJS.Timeout;
  readonly #queue = new PQueue({ concurrency: 1 });
  #isClosing = false;
  #activeJob: { readonly removalId: string; readonly progress: Removal['progress'] } | null = null;

  constructor(dependencies: RemovalsDependencies) {
    this.#dependencies = dependencies;
    const purge = () =>
      void this.#queue.add(() => this.#purge()).catch((error: unknown) => dependencies.onPurgeFailed(error));
    this.#timer = setInterval(purge, purgeIntervalMs);
    this.#timer.unref();
    purge();
  }

  /** Counts the sessions that a removal would remove now. */
  async countSessions({ olderThanDays }: ParsedInput<'removals.countSessions'>): Promise<{ count: number }> {
    return { count: await this.#dependencies.store.run('countOldSessions', cutoffFor(olderThanDays)) };
  }

  /** Lists the removals that can be undone, newest first. */
  async list(): Promise<Removal[]> {
    const removals = await this.#dependencies.store.run(
      'retainedRemovals',
      new Date(Date.now() - undoWindowMs).toISOString(),
    );
    return removals.map(({ id, at: removedAt, operator, sessions: retainedSessions }) => {
      const purgesAt = new Date(Date.parse(removedAt) + undoWindowMs).toISOString();
      return {
        removalId: id,
        removedAt,
        purgesAt,
        operator,
        retainedSessions,
        progress: this.#activeJob?.removalId === id ? this.#activeJob.progress : null,
      };
    });
  }

  /**
   * Removes sessions with a final status and no updates for `olderThanDays`; their audit records stay. If the workspace
   * closes during the removal, returns the number removed so far.
   */
  start({ olderThanDays }: ParsedInput<'removals.start'>): Promise<RemovalResult> {
    return this.#queue.add(async () => {
      const { store } = this.#dependencies;
      const before = cutoffFor(olderThanDays);
      const removal = { id: crypto.randomUUID(), at: new Date().toISOString() };
      const progress = { kind: 'removing', done: 0, total: await store.run('countOldSessions', before) } as const;
      const removedCount = await this.#runInSlices(removal.id, progress, async () => {
        const removed = await store.run('removeOldSessions', { ...removal, before, limit: removalSliceSize });
        return { done: removed, isLast: removed < removalSliceSize };
      });
      return { removedCount, removalId: removedCount > 0 ? removal.id : null };
    });
  }

  /**
   * Restores the sessions of a removal. If the workspace closes during the undo, returns the counts so far. Throws
   * removal_not_found if the removal was undone or its undo window has ended.
   */
  undo(removalId: string): Promise<RestoreResult> {
    return this.#queue.add(async () => {
      const total = (await this.list()).find((removal) => removal.removalId === removalId)?.retainedSessions;
      if (total === undefined) {
        throw new AppError(
          'removal_not_found',
          createMessage('maintenance.removalNotFound', { hours: undoWindowHours }),
        );
      }
      const totals = { restoredCount: 0, mergedCount: 0, unrestorableCount: 0 };
      await this.#runInSlices(removalId, { kind: 'restoring', done: 0, total }, async () => {
        const slice = await this.#dependencies.store.run('restoreSessions', { id: removalId, limit: sliceSize });
        if (!slice) return { done: 0, isLast: true };
        const { restored, merged, unrestorable, remaining } = slice;
        totals.restoredCount += restored;
        totals.mergedCount += merged;
        totals.unrestorableCount += unrestorable;
        return { done: restored + merged + unrestorable, isLast: remaining === 0 };
      });
      return totals;
    });
  }

  /** Waits for the current slice, then ends all jobs. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    await this.#queue.onIdle();
  }

  /** Runs slices until the last one and reports progress after each; returns the total. */
  async #runInSlices(
    removalId: string,
    startProgress: NonNullable<Removal['progress']>,
    runSlice: () => Promise<{ done: number; isLast: boolean }>,
  ): Promise<number> {
    let done = 0;
    try {
      this.#activeJob = { removalId, progress: startProgress };
      await this.#notify();
      for (let isLast = false; !isLast && !this.#isClosing;) {
        const result = await runSlice();
        done += result.done;
        isLast = result.isLast;
        this.#activeJob = { removalId, progress: { ...startProgress, done } };
        if (!isLast) await this.#notify();
      }
    } finally {
      this.#activeJob = null;
      await this.#notify();
      if (done > 0) this.#dependencies.onSessionsChanged();
    }
    return done;
  }

  async #purge(): Promise<void> {
    const removedUntil = new Date(Date.now() - undoWindowMs).toISOString();
    let hasPurged = false;
    while (
      !this.#isClosing &&
      (await this.#dependencies.store.run('purgeRemoved', { removedUntil, limit: sliceSize })) > 0
    )
      hasPurged = true;
    if (this.#isClosing) return;
    await this.#dependencies.store.run('rewriteAfterPurge', null);
    // Also without a purge: the log may contain content that was deleted elsewhere, or while another connection read.
    await this.#dependencies.store.run('truncateWriteAheadLog', null);
    if (hasPurged) await this.#notify();
  }

  /** Sends the list of removals. A failure is ignored: the job continues, and callers can read the list later. */
  async #notify(): Promise<void> {
    const removals = await this.list().catch(() => null);
    if (removals) this.#dependencies.onChanged(removals);
  }
}

function cutoffFor(olderThanDays: number): string {
  return new Date(Date.now() - olderThanDays * dayMs).toISOString();
}
