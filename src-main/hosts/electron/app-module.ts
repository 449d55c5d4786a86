import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, session } from 'electron';
import { openHostApp } from '../open-app.ts';
import type { AppModule } from './app-context.ts';
import { createConfirmInHost } from './confirmation-dialog.ts';

/** Without the prefix `persist:`, the session stores nothing. */
const proxyPartition = 'proxy-resolution';

/** Starts to open the application. The window opens without waiting; the first call waits. */
export const appModule: AppModule = (context) => {
  const storeWorkerUrl = pathToFileURL(join(app.getAppPath(), 'out', 'main', 'store-worker.js'));
  const { dataFolder, log, locale, clipboardExpiry } = context;
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
    onLanguageChanged: (language) => locale.setLanguage(language),
    onTextCopied: (text) => clipboardExpiry.start(text),
    logger: log,
  });
  // Consumers of the promise handle the rejection; this handler prevents an unhandledRejection event before that.
  context.coreApp.catch(() => undefined);
  return undefined;
};
