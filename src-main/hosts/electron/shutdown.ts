/** The end: the window closes, the desk records what is in flight, then the process goes. */
import { app } from 'electron';
import { closeDesk } from '../open-app.ts';
import type { Module, Program } from './app-context.ts';
import { unforeseen } from './fatal-error.ts';

/** How long a window that hangs may hold up a quit that was asked for from outside. */
const longestQuitMs = 5_000;

export const shutdown: Module = (program) => {
  let ending: Promise<void> | undefined;
  const end = () => (ending ??= finish(program));

  process.on('uncaughtException', (error) => unforeseen(program, error));
  process.on('unhandledRejection', (error) => unforeseen(program, error));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      app.quit();
      setTimeout(() => void end(), longestQuitMs);
    });
  }
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    event.preventDefault();
    void end();
  });
  return undefined;
};

async function finish({ desk, log }: Program): Promise<void> {
  const opened = await desk?.catch(() => undefined);
  if (opened !== undefined) await closeDesk(opened, log);
  app.exit(0);
}
