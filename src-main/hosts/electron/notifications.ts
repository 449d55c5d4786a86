/** Batches and the system around the window: notices, the taskbar's progress, no sleep while one runs, and a question before a quit. */
import { app, dialog, Notification, powerSaveBlocker } from 'electron';
import type { BrowserWindow } from 'electron';
import { BatchNews, quitQuestion } from './batch-status.ts';
import type { Notice } from './batch-status.ts';
import type { Module, Program } from './app-context.ts';

export const batchNotices: Module = (program) => {
  let mayQuit = false;
  // Nobody is there to answer a signal. Before the listener that quits.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.prependListener(signal, () => (mayQuit = true));

  return async () => {
    const desk = await program.desk;
    const { window } = program;
    if (desk === undefined || window === undefined) return;
    const news = new BatchNews();
    let blocker: number | undefined;

    const settle = () => {
      const { fraction, mode } = news.progress;
      if (program.window) program.window.setProgressBar(fraction, { mode });
      if (news.awake) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
      else if (blocker !== undefined) {
        powerSaveBlocker.stop(blocker);
        blocker = undefined;
      }
    };
    desk.on('batches.changed', ({ rows }) => {
      for (const notice of news.take(rows, program.speech.words)) show(program, notice);
      settle();
    });
    let workspace: string | undefined;
    desk.on('desk.changed', (state) => {
      if (workspace !== undefined && workspace !== state.workspace) news.forget();
      workspace = state.workspace;
      settle();
    });
    window.on('close', (event) => {
      if (mayQuit || news.running.length === 0) return;
      event.preventDefault();
      void askToQuit(window, quitQuestion(news.running, program.speech.words)).then((yes) => {
        if (!yes) return;
        mayQuit = true;
        app.quit();
      });
    });
  };
};

/** In front of the eye the window itself says it. */
function show({ window }: Program, notice: Notice): void {
  if (!Notification.isSupported() || window?.isFocused()) return;
  const shown = new Notification(notice);
  shown.on('click', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  shown.show();
}

let asking: Promise<boolean> | undefined;

/** One question at a time, however often the window is closed meanwhile. */
function askToQuit(window: BrowserWindow, question: ReturnType<typeof quitQuestion>): Promise<boolean> {
  asking ??= dialog
    .showMessageBox(window, {
      type: 'warning',
      ...question,
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    })
    .then(({ response }) => response === 1)
    .finally(() => (asking = undefined));
  return asking;
}
