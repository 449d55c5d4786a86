/** What the system is told of batches: how far they are, whether the machine may sleep, what is worth a notice, what a quit cuts off. */
import type { Batch, BatchLane, BatchState, Remedy } from '../../contract/index.ts';
import type { Words } from './translations/index.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
}

/** For the taskbar: `fraction` -1 takes the bar away. */
export interface Progress {
  readonly fraction: number;
  readonly mode: 'none' | 'normal' | 'paused' | 'error';
}

const active: readonly BatchState[] = ['armed', 'running', 'stopping'];
const settled = ['cancelled', 'already_final', 'not_found', 'refused', 'still_active', 'unknown', 'not_sent'] as const;

/** The batches as they last were, by their ids. */
export class BatchNews {
  readonly #batches = new Map<string, Batch>();

  /** Takes in what changed; answers with what is worth a notice. What is first heard of is no news. */
  take(rows: readonly Batch[], { notice: words }: Words): Notice[] {
    return rows.flatMap((batch) => {
      const before = this.#batches.get(batch.id);
      this.#batches.set(batch.id, batch);
      return before ? noticesOf(before, batch, words) : [];
    });
  }

  /** Another workspace was opened: what ran in the one before is interrupted, and told there. */
  forget(): void {
    this.#batches.clear();
  }

  get progress(): Progress {
    const open = [...this.#batches.values()].filter(({ state }) => active.includes(state) || state === 'paused');
    const asked = open.reduce((sum, batch) => sum + batch.asked, 0);
    if (asked === 0) return { fraction: -1, mode: 'none' };
    const done = open.reduce((sum, batch) => sum + settledOf(batch), 0);
    const mode = open.some((batch) => troublesOf(batch).length > 0)
      ? 'error'
      : open.every(({ state }) => state === 'paused')
        ? 'paused'
        : 'normal';
    return { fraction: done / asked, mode };
  }

  /** The machine must not fall asleep while calls are due. */
  get awake(): boolean {
    return this.running.length > 0;
  }

  /** What a quit would cut off. */
  get running(): readonly Batch[] {
    return [...this.#batches.values()].filter(({ state }) => active.includes(state));
  }
}

function settledOf({ outcomes }: Batch): number {
  return settled.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
}

/** What the batch cannot go on with by itself: its own trouble, without a lane, and each connection's. */
function troublesOf({ trouble, lanes }: Batch): { lane: BatchLane | null; remedy: Remedy }[] {
  const paused = lanes.flatMap((lane) =>
    lane.state === 'paused' && lane.trouble ? [{ lane, remedy: lane.trouble.remedy }] : [],
  );
  return trouble ? [{ lane: null, remedy: trouble.remedy }, ...paused] : paused;
}

function noticesOf(before: Batch, batch: Batch, words: Words['notice']): Notice[] {
  const known = new Set(troublesOf(before).map(({ lane }) => lane?.connectionId));
  const notices = troublesOf(batch)
    .filter(({ lane }) => !known.has(lane?.connectionId))
    .map(({ lane, remedy }): Notice => {
      const help = words.helps[remedy];
      return { title: words.stuck(batch.number), body: lane ? `${words.paused(lane.name)} ${help}` : help };
    });
  const { state } = batch;
  if ((state === 'finished' || state === 'stopped') && before.state !== state) {
    const { cancelled = 0, unknown = 0 } = batch.outcomes;
    const body = words.cancelled(cancelled, batch.asked);
    notices.push({ title: words[state](batch.number), body: unknown > 0 ? `${body} ${words.unknown(unknown)}` : body });
  }
  return notices;
}

/** What the question before a quit says. */
export function quitQuestion(
  running: readonly Batch[],
  { quit }: Words,
): { message: string; detail: string; buttons: string[] } {
  const left = running.reduce((sum, { outcomes }) => sum + (outcomes.waiting ?? 0), 0);
  return {
    message: quit.message(running.map(({ number }) => number)),
    detail: quit.detail(left, running.length),
    buttons: [quit.keep, quit.quit],
  };
}
