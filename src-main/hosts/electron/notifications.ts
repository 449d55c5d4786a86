/** Batches and the system around the window: notices, the taskbar's progress, no sleep while one runs, and a question before a quit. */
import { app, dialog, Notification, powerSaveBlocker } from 'electron';
import type { BrowserWindow } from 'electron';
import { BatchStatusTracker, createQuitPrompt } from './batch-status.ts';
import type { NotificationContent } from './batch-status.ts';
import type { AppModule, AppContext } from './app-context.ts';

export const batchNotifications: AppModule = (context) => {
  let mayQuit = false;
  // Nobody is there to answer a signal. Before the listener that quits.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.prependListener(signal, () => (mayQuit = true));

  return async () => {
    const coreApp = await context.coreApp;
    const { window } = context;
    if (coreApp === undefined || window === undefined) return;
    const tracker = new BatchStatusTracker();
    let blocker: number | undefined;

    const settle = () => {
      const { fraction, mode } = tracker.progress;
      if (context.window) context.window.setProgressBar(fraction, { mode });
      if (tracker.shouldPreventSleep) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
      else if (blocker !== undefined) {
        powerSaveBlocker.stop(blocker);
        blocker = undefined;
      }
    };
    coreApp.on('batches.changed', ({ rows }) => {
      for (const notice of tracker.update(rows, context.locale.messages)) showNotification(context, notice);
      settle();
    });
    let workspace: string | undefined;
    coreApp.on('app.changed', (state) => {
      if (workspace !== undefined && workspace !== state.workspace) tracker.clear();
      workspace = state.workspace;
      settle();
    });
    window.on('close', (event) => {
      if (mayQuit || tracker.runningBatches.length === 0) return;
      event.preventDefault();
      void confirmQuit(window, createQuitPrompt(tracker.runningBatches, context.locale.messages)).then((yes) => {
        if (!yes) return;
        mayQuit = true;
        app.quit();
      });
    });
  };
};

/** In front of the eye the window itself says it. */
function showNotification({ window }: AppContext, notice: NotificationContent): void {
  if (!Notification.isSupported() || window?.isFocused()) return;
  const shown = new Notification(notice);
  shown.on('click', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  shown.show();
}

let openPrompt: Promise<boolean> | undefined;

/** One question at a time, however often the window is closed meanwhile. */
function confirmQuit(window: BrowserWindow, question: ReturnType<typeof createQuitPrompt>): Promise<boolean> {
  openPrompt ??= dialog
    .showMessageBox(window, {
      type: 'warning',
      ...question,
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    })
    .then(({ response }) => response === 1)
    .finally(() => (openPrompt = undefined));
  return openPrompt;
}
