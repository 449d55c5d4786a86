/** What the system is told of batches: how far they are, whether the machine may sleep, what is worth a notice, what a quit cuts off. */
import type { Batch, BatchState, Remedy } from '../../contract/index.ts';

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

/** Words of the console's own: a provider's sentence, which may name a session, never becomes a notice. */
const helps: Readonly<Record<Remedy, string>> = {
  replace_secret: 'Its secret is not accepted: replace it.',
  unlock_keychain: 'The keychain is locked: unlock it.',
  unlock_connection: 'The connection is locked: unlock it.',
  check_network: 'The provider is not reached: check the network.',
  ask_provider: 'The provider refuses: ask what is wrong.',
  free_disk: 'The disk is full: free some space.',
  look_at_outcomes: 'Too many sessions failed: look at their outcomes.',
};

/** The batches as they last were, by their ids. */
export class BatchNews {
  readonly #batches = new Map<string, Batch>();

  /** Takes in what changed; answers with what is worth a notice. What is first heard of is no news. */
  take(rows: readonly Batch[]): Notice[] {
    return rows.flatMap((batch) => {
      const before = this.#batches.get(batch.id);
      this.#batches.set(batch.id, batch);
      return before ? noticesOf(before, batch) : [];
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
    const isStuck = open.some((batch) => stuckOn(batch).size > 0);
    const mode = isStuck ? 'error' : open.every(({ state }) => state === 'paused') ? 'paused' : 'normal';
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

/** What the batch cannot go on with by itself: each trouble under its own name. */
function stuckOn(batch: Batch): Map<string, Notice> {
  const title = `Batch ${batch.number} needs you`;
  const stuck = new Map<string, Notice>();
  if (batch.trouble) stuck.set('', { title, body: helps[batch.trouble.remedy] });
  for (const lane of batch.lanes) {
    if (lane.state !== 'paused' || !lane.trouble) continue;
    stuck.set(lane.connectionId, { title, body: `${lane.name} is paused. ${helps[lane.trouble.remedy]}` });
  }
  return stuck;
}

function noticesOf(before: Batch, batch: Batch): Notice[] {
  const known = stuckOn(before);
  const notices = [...stuckOn(batch)].filter(([name]) => !known.has(name)).map(([, notice]) => notice);
  const isEnd = batch.state === 'finished' || batch.state === 'stopped';
  if (isEnd && before.state !== batch.state) {
    const { cancelled = 0, unknown = 0 } = batch.outcomes;
    const rest = unknown > 0 ? ` The outcome of ${count(unknown)} is not known.` : '';
    const body = `${count(cancelled)} of ${count(batch.asked)} sessions cancelled.${rest}`;
    notices.push({ title: `Batch ${batch.number} is ${batch.state}`, body });
  }
  return notices;
}

const count = (value: number): string => value.toLocaleString('en');

/** What the question before a quit says. */
export function quitQuestion(running: readonly Batch[]): { message: string; detail: string } {
  const names = running.map(({ number }) => number).join(', ');
  const left = running.reduce((sum, { outcomes }) => sum + (outcomes.waiting ?? 0), 0);
  return {
    message: running.length === 1 ? `Batch ${names} is running. Quit all the same?` : `Batches ${names} are running. Quit all the same?`,
    detail: 'What is under way is recorded, and nothing more is sent: '
      + `${count(left)} ${left === 1 ? 'session is' : 'sessions are'} still to be asked for. `
      + `At the next start ${running.length === 1 ? 'the batch is' : 'the batches are'} shown as interrupted, `
      + 'and nothing goes on until you resume.',
  };
}
