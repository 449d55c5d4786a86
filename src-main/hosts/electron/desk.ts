import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';
import { openHostDesk } from '../desk.ts';
import type { Module } from './program.ts';

/** Begins to open the desk; the window does not wait for it, its first call does. */
export const desk: Module = (program) => {
  const storeWorker = pathToFileURL(join(app.getAppPath(), 'out', 'main', 'store-worker.js'));
  const { dataFolder, log } = program;
  program.desk = openHostDesk({ dataFolder, version: app.getVersion(), storeWorker, log });
  // Whoever awaits it sees the failure; until then it must not count as unhandled.
  program.desk.catch(() => undefined);
  return undefined;
};
