/** Shutdown: the window closes, the application records requests in progress, then the process exits. */
import { setTimeout as delay } from 'node:timers/promises';
import { app } from 'electron';
import { closeApp } from '../open-app.ts';
import type { AppModule, AppContext } from './app-context.ts';
import { exitOnFatalError } from './fatal-error.ts';

/** How long a signal waits for an unresponsive window. */
const quitTimeoutMs = 5_000;
/** How long the exit waits for the clipboard, which belongs to another program. */
const clipboardTimeoutMs = 1_000;

export const shutdown: AppModule = (context) => {
  let shutdownResult: Promise<void> | undefined;
  const shutDown = () => (shutdownResult ??= closeAndExit(context));

  process.on('uncaughtException', (error) => exitOnFatalError(context, error));
  process.on('unhandledRejection', (error) => exitOnFatalError(context, error));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      app.quit();
      setTimeout(() => void shutDown(), quitTimeoutMs);
    });
  }
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    event.preventDefault();
    void shutDown();
  });
  return undefined;
};

async function closeAndExit({ coreApp, clipboardExpiry, log }: AppContext): Promise<void> {
  await Promise.race([clipboardExpiry.clear(), delay(clipboardTimeoutMs)]);
  const openedApp = await coreApp?.catch(() => undefined);
  if (openedApp !== undefined) await closeApp(openedApp, log);
  app.exit(0);
}
