/** Derives the taskbar progress, sleep prevention, notifications and the quit prompt from the state of the batches. */
import type { Batch, BatchConnection, BatchState, IssueAction } from '../../contract/index.ts';
import type { Messages } from './translations/index.ts';

export interface NotificationContent {
  readonly title: string;
  readonly body: string;
}

/** Taskbar progress. `fraction`: 0 to 1; -1 hides the bar. */
export interface TaskbarProgress {
  readonly fraction: number;
  readonly mode: 'none' | 'normal' | 'paused' | 'error';
}

const activeStates: readonly BatchState[] = ['armed', 'running', 'stopping'];
const finalOutcomes = [
  'cancelled',
  'already_final',
  'not_found',
  'refused',
  'still_active',
  'unknown',
  'not_sent',
] as const;

/** Tracks the last known state of each batch. */
export class BatchStatusTracker {
  readonly #batches = new Map<string, Batch>();

  /** Stores changed batches and returns new notifications. The first update of a batch creates none. */
  update(rows: readonly Batch[], { notification: messages }: Messages): NotificationContent[] {
    return rows.flatMap((batch) => {
      const previous = this.#batches.get(batch.id);
      this.#batches.set(batch.id, batch);
      return previous ? createNotifications(previous, batch, messages) : [];
    });
  }

  /** Called when another workspace opens. Its batches are interrupted and reported when the workspace opens again. */
  clear(): void {
    this.#batches.clear();
  }

  get progress(): TaskbarProgress {
    const open = [...this.#batches.values()].filter(({ state }) => activeStates.includes(state) || state === 'paused');
    const eligible = open.reduce((sum, batch) => sum + batch.eligible, 0);
    if (eligible === 0) return { fraction: -1, mode: 'none' };
    const done = open.reduce((sum, batch) => sum + countProcessed(batch), 0);
    const mode = open.some((batch) => findIssues(batch).length > 0)
      ? 'error'
      : open.every(({ state }) => state === 'paused')
        ? 'paused'
        : 'normal';
    return { fraction: done / eligible, mode };
  }

  /** True while a batch runs, because the computer must not sleep before the remaining requests are sent. */
  get shouldPreventSleep(): boolean {
    return this.runningBatches.length > 0;
  }

  /** The batches that quitting interrupts. */
  get runningBatches(): readonly Batch[] {
    return [...this.#batches.values()].filter(({ state }) => activeStates.includes(state));
  }
}

function countProcessed({ outcomeCounts }: Batch): number {
  return finalOutcomes.reduce((sum, outcome) => sum + (outcomeCounts[outcome] ?? 0), 0);
}

/** The issues of a batch: its own (`connection` is null), and those of its paused connections. */
function findIssues({ issue, connections }: Batch): { connection: BatchConnection | null; action: IssueAction }[] {
  const paused = connections.flatMap((connection) =>
    connection.state === 'paused' && connection.issue ? [{ connection, action: connection.issue.action }] : [],
  );
  return issue ? [{ connection: null, action: issue.action }, ...paused] : paused;
}

function createNotifications(previous: Batch, batch: Batch, messages: Messages['notification']): NotificationContent[] {
  const knownIssues = new Set(findIssues(previous).map(({ connection }) => connection?.connectionId));
  const notifications = findIssues(batch)
    .filter(({ connection }) => !knownIssues.has(connection?.connectionId))
    .map(({ connection, action }): NotificationContent => {
      const recommendedAction = messages.recommendedActions[action];
      return {
        title: messages.needsAttention(batch.number),
        body: connection ? `${messages.paused(connection.name)} ${recommendedAction}` : recommendedAction,
      };
    });
  const { state } = batch;
  if ((state === 'finished' || state === 'stopped') && previous.state !== state) {
    const { cancelled = 0, unknown = 0 } = batch.outcomeCounts;
    const body = messages.cancelled(cancelled, batch.eligible);
    notifications.push({
      title: messages[state](batch.number),
      body: unknown > 0 ? `${body} ${messages.unknown(unknown)}` : body,
    });
  }
  return notifications;
}

/** The texts of the dialog that is shown before quitting while batches run. */
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
