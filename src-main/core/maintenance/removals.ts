import {
  DeskError,
  undoHours,
  type CheckedInput,
  type Removal,
  type Removed,
  type Restored,
} from '../../contract/index.ts';
import type { Store } from '../store/index.ts';

/** One transaction's worth: some tens of milliseconds, after which an intent that waits goes first. */
const atOnce = 500;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const keptMs = undoHours * hourMs;
/** Between two looks for what is kept no longer. */
const forgetEveryMs = 10 * 60_000;

interface RemovalsParts {
  readonly store: Store;
  changed(removals: Removal[]): void;
  /** Sessions came or went, more than are worth naming. */
  tracked(): void;
  /** What is over its day could not be forgotten; it is tried again. */
  notForgotten(error: unknown): void;
}

/**
 * Removes old sessions and brings them back. Each slice is one transaction with its audit record, so a crash loses nothing:
 * what was removed by then can be undone, and an undo goes on where it was. One at a time: a removal would take away again
 * what an undo beside it brings back.
 */
export class Removals {
  readonly #parts: RemovalsParts;
  readonly #timer: NodeJS.Timeout;
  #turn: Promise<unknown> = Promise.resolve();
  #closing = false;
  #work: (NonNullable<Removal['work']> & { readonly removalId: string }) | null = null;

  constructor(parts: RemovalsParts) {
    this.#parts = parts;
    const forget = () => void this.#inTurn(() => this.#forget()).catch((error: unknown) => parts.notForgotten(error));
    this.#timer = setInterval(forget, forgetEveryMs);
    this.#timer.unref();
    forget();
  }

  /** How many a removal would take now. */
  async countOld({ olderThanDays }: CheckedInput<'sessions.countOld'>): Promise<{ count: number }> {
    return { count: await this.#parts.store.run('countOldSessions', lastDayOf(olderThanDays)) };
  }

  /** What can be undone now, newest first. */
  async list(): Promise<Removal[]> {
    const kept = await this.#parts.store.run('keptRemovals', new Date(Date.now() - keptMs).toISOString());
    return kept.map(({ id, at, operator, sessions }) => {
      const { removalId, ...work } = this.#work ?? { removalId: null };
      const until = new Date(Date.parse(at) + keptMs).toISOString();
      return {
        removalId: id,
        at,
        until,
        operator,
        sessions,
        work: removalId === id ? (work as Removal['work']) : null,
      };
    });
  }

  /**
   * Removes sessions in a final state that nobody has heard of for so many days; their audit records stay. Answers with
   * what was removed by then where the workspace is closed meanwhile.
   */
  removeOld({ olderThanDays }: CheckedInput<'sessions.removeOld'>): Promise<Removed> {
    return this.#inTurn(async () => {
      const { store } = this.#parts;
      const before = lastDayOf(olderThanDays);
      const removal = { id: crypto.randomUUID(), at: new Date().toISOString() };
      const work = { kind: 'removing', done: 0, total: await store.run('countOldSessions', before) } as const;
      const removed = await this.#slices(removal.id, work, async () => {
        const now = await store.run('removeOldSessions', { ...removal, before, limit: atOnce });
        return { done: now, isLast: now < atOnce };
      });
      return { removed, removalId: removed > 0 ? removal.id : null };
    });
  }

  /** Throws removal_not_found. Answers with what is back by then where the workspace is closed meanwhile. */
  undo(removalId: string): Promise<Restored> {
    return this.#inTurn(async () => {
      const total = (await this.list()).find((removal) => removal.removalId === removalId)?.sessions;
      if (total === undefined) {
        throw new DeskError(
          'removal_not_found',
          `These sessions cannot be brought back: they are back already, or more than ${undoHours} hours have passed.`,
        );
      }
      const sum = { restored: 0, joined: 0, lost: 0 };
      await this.#slices(removalId, { kind: 'restoring', done: 0, total }, async () => {
        const slice = await this.#parts.store.run('restoreSessions', { id: removalId, limit: atOnce });
        if (!slice) return { done: 0, isLast: true };
        const { restored, joined, lost, left } = slice;
        sum.restored += restored;
        sum.joined += joined;
        sum.lost += lost;
        return { done: restored + joined + lost, isLast: left === 0 };
      });
      return sum;
    });
  }

  /** Ends after the slice that is under way. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await this.#turn;
  }

  /** One after the other until the last, and tells of each; answers how many in all. */
  async #slices(
    removalId: string,
    work: NonNullable<Removal['work']>,
    slice: () => Promise<{ done: number; isLast: boolean }>,
  ): Promise<number> {
    let done = 0;
    try {
      this.#work = { ...work, removalId };
      await this.#tell();
      for (let isLast = false; !isLast && !this.#closing;) {
        const now = await slice();
        done += now.done;
        isLast = now.isLast;
        this.#work = { ...work, done, removalId };
        if (!isLast) await this.#tell();
      }
    } finally {
      this.#work = null;
      await this.#tell();
      if (done > 0) this.#parts.tracked();
    }
    return done;
  }

  async #forget(): Promise<void> {
    const until = new Date(Date.now() - keptMs).toISOString();
    let some = false;
    while (!this.#closing && (await this.#parts.store.run('forgetRemoved', { until, limit: atOnce })) > 0) some = true;
    if (some) await this.#tell();
  }

  /** Whoever asks finds out the same; what could not be told stops nothing. */
  async #tell(): Promise<void> {
    const now = await this.list().catch(() => null);
    if (now) this.#parts.changed(now);
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const run = this.#turn.then(act);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

function lastDayOf(olderThanDays: number): string {
  return new Date(Date.now() - olderThanDays * dayMs).toISOString();
}
