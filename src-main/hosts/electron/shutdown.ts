/** The end: the window closes, the desk records what is in flight, then the process goes. */
import { app } from 'electron';
import { closeApp } from '../open-app.ts';
import type { AppModule, AppContext } from './app-context.ts';
import { exitOnFatalError } from './fatal-error.ts';

/** How long a window that hangs may hold up a quit that was asked for from outside. */
const quitTimeoutMs = 5_000;

export const shutdown: AppModule = (context) => {
  let ending: Promise<void> | undefined;
  const end = () => (ending ??= closeAndExit(context));

  process.on('uncaughtException', (error) => exitOnFatalError(context, error));
  process.on('unhandledRejection', (error) => exitOnFatalError(context, error));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      app.quit();
      setTimeout(() => void end(), quitTimeoutMs);
    });
  }
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    event.preventDefault();
    void end();
  });
  return undefined;
};

async function closeAndExit({ coreApp, log }: AppContext): Promise<void> {
  const opened = await coreApp?.catch(() => undefined);
  if (opened !== undefined) await closeApp(opened, log);
  app.exit(0);
}
