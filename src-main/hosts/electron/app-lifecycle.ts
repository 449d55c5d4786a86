/** The life cycle of the process: its folder, its single instance, the opening of the application, and its shutdown. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { app, session } from 'electron';
import { ensurePrivateFolder } from '../../core/index.ts';
import { closeApp, openHostApp } from '../open-app.ts';
import { exitOnFatalError } from './app-context.ts';
import type { AppModule, AppContext } from './app-context.ts';
import { createConfirmInHost } from './confirmation-dialog.ts';

/** Without the prefix `persist:`, the session stores nothing. */
const proxyPartition = 'proxy-resolution';
/** How long a signal waits for an unresponsive window. */
const quitTimeoutMs = 5_000;
/** How long the exit waits for the clipboard, which belongs to another program. */
const clipboardTimeoutMs = 1_000;

/** Stores Chromium's files in the data folder, so that instances with different data folders are independent. */
export const profile: AppModule = ({ dataFolder }) => {
  app.setPath('userData', createProfileFolder(join(dataFolder, 'window')));
  return undefined;
};

/**
 * Creates `folder`, or a temporary folder if the data folder is not writable or not private: the window must open to
 * show the error.
 */
function createProfileFolder(folder: string): string {
  try {
    ensurePrivateFolder(folder);
    return folder;
  } catch {
    return mkdtempSync(join(tmpdir(), 'session-desk-'));
  }
}

/** Allows one instance per data folder. A second start focuses the window of the first instance and exits. */
export const singleInstance: AppModule = (context) => {
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return 'stop';
  }
  app.on('second-instance', () => {
    const { window } = context;
    if (window === undefined) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  return undefined;
};

/** Starts to open the application. The window opens without waiting; the first call waits. */
export const openApplication: AppModule = (context) => {
  const storeWorkerUrl = pathToFileURL(join(app.getAppPath(), 'out', 'main', 'store-worker.js'));
  const { dataFolder, log } = context;
  // Chromium reads the proxy settings of the system. A session exists only after the app is ready. This one never loads
  // a page: the proxy of the default session, to which the window belongs, does not exist.
  const proxyResolver = async (url: string): Promise<string> => {
    await app.whenReady();
    return session.fromPartition(proxyPartition).resolveProxy(url);
  };
  context.coreApp = openHostApp({
    dataFolder,
    version: app.getVersion(),
    storeWorkerUrl,
    providers: { proxyResolver },
    confirmInHost: createConfirmInHost(context),
    logger: log,
  });
  // Consumers of the promise handle the rejection; this handler prevents an unhandledRejection event before that.
  context.coreApp.catch(() => undefined);
  return undefined;
};

/** Shutdown: the window closes, the application records requests in progress, then the process exits. */
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
