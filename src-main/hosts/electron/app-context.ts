/** What the modules of the window share, and how they are started. */
import { app } from 'electron';
import type { BrowserWindow } from 'electron';
import type { App, Logger } from '../../core/app.ts';
import { resolveDataFolder } from '../../core/index.ts';
import { disableCoreDumps } from '../core-dumps.ts';
import { openLogger } from '../logger.ts';
import { getPageOrigin } from './app-origin.ts';
import { Locale } from './locale.ts';
import { exitOnFatalError } from './fatal-error.ts';

export interface AppContext {
  readonly dataFolder: string;
  readonly log: Logger;
  /** Whether electron-vite's development server draws the screen; never in a packaged console. */
  readonly isDevelopment: boolean;
  /** The origin of the console's own page. */
  readonly pageOrigin: string;
  /** The language of the window's own words. */
  readonly locale: Locale;
  /** What a link named before there was a window. */
  pendingDeepLink: string | null;
  window: BrowserWindow | undefined;
  /** Begun by the module that opens the desk. */
  coreApp: Promise<App> | undefined;
}

/**
 * One concern of the window. Called before Electron is ready, and may leave a function for when it is.
 * `'stop'` ends the start: the process is on its way out.
 */
export type AppModule = (context: AppContext) => (() => void | Promise<void>) | 'stop' | undefined;

/** The program as it begins, with nothing open yet. */
export function createAppContext(): AppContext {
  disableCoreDumps();
  const dataFolder = resolveDataFolder(process.env);
  const developmentUrl = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
  const isDevelopment = developmentUrl !== undefined;
  const log = openLogger(dataFolder);
  const locale = new Locale(() => app.getPreferredSystemLanguages());
  return {
    dataFolder,
    log,
    isDevelopment,
    pageOrigin: getPageOrigin(developmentUrl),
    locale,
    pendingDeepLink: null,
    window: undefined,
    coreApp: undefined,
  };
}

/** Starts the modules in order. Not awaited: Electron is not ready before the entry module is done. */
export function startModules(context: AppContext, modules: readonly AppModule[]): void {
  const whenReady: (() => void | Promise<void>)[] = [];
  for (const module of modules) {
    const next = module(context);
    if (next === 'stop') return;
    if (next !== undefined) whenReady.push(next);
  }
  const start = async () => {
    await app.whenReady();
    for (const step of whenReady) await step();
  };
  start().catch((error: unknown) => exitOnFatalError(context, error));
}
