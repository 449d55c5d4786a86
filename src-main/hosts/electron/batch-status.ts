/** What the system is told of batches: how far they are, whether the machine may sleep, what is worth a notice, what a quit cuts off. */
import type { Batch, BatchConnection, BatchState, IssueAction } from '../../contract/index.ts';
import type { Messages } from './translations/index.ts';

export interface NotificationContent {
  readonly title: string;
  readonly body: string;
}

/** For the taskbar: `fraction` -1 takes the bar away. */
export interface TaskbarProgress {
  readonly fraction: number;
  readonly mode: 'none' | 'normal' | 'paused' | 'error';
}

const activeStates: readonly BatchState[] = ['armed', 'running', 'stopping'];
const settledOutcomes = [
  'cancelled',
  'already_final',
  'not_found',
  'refused',
  'still_active',
  'unknown',
  'not_sent',
] as const;

/** The batches as they last were, by their ids. */
export class BatchStatusTracker {
  readonly #batches = new Map<string, Batch>();

  /** Takes in what changed; answers with what is worth a notice. What is first heard of is no news. */
  update(rows: readonly Batch[], { notification: messages }: Messages): NotificationContent[] {
    return rows.flatMap((batch) => {
      const before = this.#batches.get(batch.id);
      this.#batches.set(batch.id, batch);
      return before ? createNotifications(before, batch, messages) : [];
    });
  }

  /** Another workspace was opened: what ran in the one before is interrupted, and told there. */
  clear(): void {
    this.#batches.clear();
  }

  get progress(): TaskbarProgress {
    const open = [...this.#batches.values()].filter(({ state }) => activeStates.includes(state) || state === 'paused');
    const eligible = open.reduce((sum, batch) => sum + batch.eligible, 0);
    if (eligible === 0) return { fraction: -1, mode: 'none' };
    const done = open.reduce((sum, batch) => sum + countSettled(batch), 0);
    const mode = open.some((batch) => findIssues(batch).length > 0)
      ? 'error'
      : open.every(({ state }) => state === 'paused')
        ? 'paused'
        : 'normal';
    return { fraction: done / eligible, mode };
  }

  /** The machine must not fall asleep while calls are due. */
  get shouldPreventSleep(): boolean {
    return this.runningBatches.length > 0;
  }

  /** What a quit would cut off. */
  get runningBatches(): readonly Batch[] {
    return [...this.#batches.values()].filter(({ state }) => activeStates.includes(state));
  }
}

function countSettled({ outcomeCounts }: Batch): number {
  return settledOutcomes.reduce((sum, outcome) => sum + (outcomeCounts[outcome] ?? 0), 0);
}

/** What the batch cannot go on with by itself: its own trouble, without a lane, and each connection's. */
function findIssues({ issue, connections }: Batch): { connection: BatchConnection | null; action: IssueAction }[] {
  const paused = connections.flatMap((connection) =>
    connection.state === 'paused' && connection.issue ? [{ connection, action: connection.issue.action }] : [],
  );
  return issue ? [{ connection: null, action: issue.action }, ...paused] : paused;
}

function createNotifications(before: Batch, batch: Batch, messages: Messages['notification']): NotificationContent[] {
  const known = new Set(findIssues(before).map(({ connection }) => connection?.connectionId));
  const notices = findIssues(batch)
    .filter(({ connection }) => !known.has(connection?.connectionId))
    .map(({ connection, action }): NotificationContent => {
      const help = messages.recommendedActions[action];
      return {
        title: messages.needsAttention(batch.number),
        body: connection ? `${messages.paused(connection.name)} ${help}` : help,
      };
    });
  const { state } = batch;
  if ((state === 'finished' || state === 'stopped') && before.state !== state) {
    const { cancelled = 0, unknown = 0 } = batch.outcomeCounts;
    const body = messages.cancelled(cancelled, batch.eligible);
    notices.push({
      title: messages[state](batch.number),
      body: unknown > 0 ? `${body} ${messages.unknown(unknown)}` : body,
    });
  }
  return notices;
}

/** What the question before a quit says. */
export function createQuitPrompt(
  running: readonly Batch[],
  { quit }: Messages,
): { message: string; detail: string; buttons: string[] } {
  const remaining = running.reduce((sum, { outcomeCounts }) => sum + (outcomeCounts.waiting ?? 0), 0);
  return {
    message: quit.message(running.map(({ number }) => number)),
    detail: quit.detail(remaining, running.length),
    buttons: [quit.keepRunning, quit.quit],
  };
}
