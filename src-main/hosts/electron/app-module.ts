import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, session } from 'electron';
import { openHostApp } from '../open-app.ts';
import type { AppModule } from './app-context.ts';

/** Begins to open the desk; the window does not wait for it, its first call does. */
export const appModule: AppModule = (context) => {
  const storeWorkerUrl = pathToFileURL(join(app.getAppPath(), 'out', 'main', 'store-worker.js'));
  const { dataFolder, log, locale } = context;
  // The system's proxy policy, which Chromium knows; a session exists only once the app is ready.
  const proxyResolver = async (url: string): Promise<string> => {
    await app.whenReady();
    return session.defaultSession.resolveProxy(url);
  };
  context.coreApp = openHostApp({
    dataFolder,
    version: app.getVersion(),
    storeWorkerUrl,
    providers: { proxyResolver },
    onLanguageChanged: (language) => locale.setLanguage(language),
    logger: log,
  });
  // Whoever awaits it sees the failure; until then it must not count as unhandled.
  context.coreApp.catch(() => undefined);
  return undefined;
};
