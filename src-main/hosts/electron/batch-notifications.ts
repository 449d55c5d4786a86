/**
 * Shows the state of batches outside the window: notifications, taskbar progress, sleep prevention and a quit prompt.
 */
import { app, dialog, Notification, powerSaveBlocker } from 'electron';
import type { BrowserWindow } from 'electron';
import { cancellationState } from '../../contract/index.ts';
import type { Batch, BatchConnection, BatchState, IssueAction } from '../../contract/index.ts';
import type { AppModule, AppContext } from './app-context.ts';
import type { Locale } from './locale.ts';

export const batchNotifications: AppModule = (context) => {
  let canQuit = false;
  // A signal quits without a prompt. This listener must run before the listener of the module `shutdown`.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.prependListener(signal, () => (canQuit = true));

  return async () => {
    const coreApp = await context.coreApp;
    const { window } = context;
    if (coreApp === undefined || window === undefined) return;
    const tracker = new BatchStatusTracker();
    let sleepBlockerId: number | undefined;

    const updateSystemState = () => {
      const { fraction, mode } = tracker.progress;
      if (context.window) context.window.setProgressBar(fraction, { mode });
      if (tracker.shouldPreventSleep) sleepBlockerId ??= powerSaveBlocker.start('prevent-app-suspension');
      else if (sleepBlockerId !== undefined) {
        powerSaveBlocker.stop(sleepBlockerId);
        sleepBlockerId = undefined;
      }
    };
    coreApp.on('batches.changed', ({ rows }) => {
      for (const content of tracker.update(rows, context.locale)) showNotification(context, content);
      updateSystemState();
    });
    let workspace: string | undefined;
    coreApp.on('app.changed', (state) => {
      if (workspace !== undefined && workspace !== state.workspace) tracker.clear();
      workspace = state.workspace;
      updateSystemState();
    });
    window.on('close', (event) => {
      if (canQuit || tracker.runningBatches.length === 0) return;
      event.preventDefault();
      void confirmQuit(window, createQuitPrompt(tracker.runningBatches, context.locale)).then((isConfirmed) => {
        if (!isConfirmed) return;
        canQuit = true;
        app.quit();
      });
    });
  };
};

/** Shows a notification unless the window has the focus. */
function showNotification({ window }: AppContext, content: NotificationContent): void {
  if (!Notification.isSupported() || window?.isFocused()) return;
  const notification = new Notification(content);
  notification.on('click', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  notification.show();
}

let openPrompt: Promise<boolean> | undefined;

/** Shows at most one prompt at a time. */
function confirmQuit(window: BrowserWindow, prompt: ReturnType<typeof createQuitPrompt>): Promise<boolean> {
  openPrompt ??= dialog
    .showMessageBox(window, {
      type: 'warning',
      ...prompt,
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    })
    .then(({ response }) => response === 1)
    .finally(() => (openPrompt = undefined));
  return openPrompt;
}

interface NotificationContent {
  readonly title: string;
  readonly body: string;
}

/** Taskbar progress. `fraction`: 0 to 1; -1 hides the bar. */
interface TaskbarProgress {
  readonly fraction: number;
  readonly mode: 'none' | 'normal' | 'paused' | 'error';
}

const activeStates: readonly BatchState[] = ['armed', 'running', 'stopping'];
const finalOutcomes = cancellationState.exclude(['intended', 'sent']).options;

/** Tracks the last known state of each batch. */
export class BatchStatusTracker {
  readonly #batches = new Map<string, Batch>();

  /** Stores changed batches and returns new notifications. The first update of a batch creates none. */
  update(rows: readonly Batch[], locale: Locale): NotificationContent[] {
    return rows.flatMap((batch) => {
      const previous = this.#batches.get(batch.id);
      this.#batches.set(batch.id, batch);
      return previous ? createNotifications(previous, batch, locale) : [];
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

function createNotifications(previous: Batch, batch: Batch, locale: Locale): NotificationContent[] {
  const { batch: batchTexts, native } = locale.texts;
  const texts = native.notification;
  const { number, state, eligible } = batch;
  const knownIssues = new Set(findIssues(previous).map(({ connection }) => connection?.connectionId));
  const notifications = findIssues(batch)
    .filter(({ connection }) => !knownIssues.has(connection?.connectionId))
    .map(({ connection, action }): NotificationContent => {
      // Fixed texts, because a provider's message may name a session.
      const recommendedAction = texts.recommendedActions[action];
      return {
        title: locale.format(texts.needsAttention, { number }),
        body: connection
          ? `${locale.format(texts.paused, { connection: connection.name })} ${recommendedAction}`
          : recommendedAction,
      };
    });
  if ((state === 'finished' || state === 'stopped') && previous.state !== state) {
    const { cancelled = 0, unknown = 0 } = batch.outcomeCounts;
    const body = locale.format(texts.cancelled, {
      count: cancelled,
      eligible: locale.format(batchTexts.sessions, { count: eligible }),
    });
    notifications.push({
      title: locale.format(texts[state], { number }),
      body: unknown > 0 ? `${body} ${locale.format(texts.unknown, { count: unknown })}` : body,
    });
  }
  return notifications;
}

/** The texts of the dialog that is shown before quitting while batches run. */
export function createQuitPrompt(
  running: readonly Batch[],
  locale: Locale,
): { message: string; detail: string; buttons: string[] } {
  const { quit, menu } = locale.texts.native;
  const waiting = running.reduce((sum, { outcomeCounts }) => sum + (outcomeCounts.waiting ?? 0), 0);
  const count = running.length;
  return {
    message: locale.format(quit.message, { count, batches: running.map(({ number }) => number) }),
    detail: [
      quit.recorded,
      locale.format(quit.waiting, { count: waiting }),
      locale.format(quit.interrupted, { count }),
    ].join(' '),
    buttons: [quit.keepRunning, menu.quit],
  };
}
