import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, session } from 'electron';
import { openHostDesk } from '../open-app.ts';
import type { Module } from './app-context.ts';

/** Begins to open the desk; the window does not wait for it, its first call does. */
export const desk: Module = (program) => {
  const storeWorker = pathToFileURL(join(app.getAppPath(), 'out', 'main', 'store-worker.js'));
  const { dataFolder, log, speech } = program;
  // The system's proxy policy, which Chromium knows; a session exists only once the app is ready.
  const proxyFor = async (url: string): Promise<string> => {
    await app.whenReady();
    return session.defaultSession.resolveProxy(url);
  };
  program.desk = openHostDesk({
    dataFolder,
    version: app.getVersion(),
    storeWorker,
    providers: { proxyFor },
    speak: (language) => speech.speak(language),
    log,
  });
  // Whoever awaits it sees the failure; until then it must not count as unhandled.
  program.desk.catch(() => undefined);
  return undefined;
};
