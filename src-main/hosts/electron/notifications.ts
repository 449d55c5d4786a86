/**
 * Shows the state of batches outside the window: notifications, taskbar progress, sleep prevention and a quit prompt.
 */
import { app, dialog, Notification, powerSaveBlocker } from 'electron';
import type { BrowserWindow } from 'electron';
import { BatchStatusTracker, createQuitPrompt } from './batch-status.ts';
import type { NotificationContent } from './batch-status.ts';
import type { AppModule, AppContext } from './app-context.ts';

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
      for (const content of tracker.update(rows, context.locale.messages)) showNotification(context, content);
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
      void confirmQuit(window, createQuitPrompt(tracker.runningBatches, context.locale.messages)).then(
        (isConfirmed) => {
          if (!isConfirmed) return;
          canQuit = true;
          app.quit();
        },
      );
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
