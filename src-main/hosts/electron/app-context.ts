/** The context that the modules of the Electron host share, and their start. */
import { app, clipboard, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import type { App, Logger } from '../../core/app.ts';
import { resolveDataFolder } from '../../core/index.ts';
import { sanitizeError } from '../dispatch.ts';
import { openLogger } from '../logger.ts';
import { ClipboardExpiry } from './clipboard-expiry.ts';
import { Locale } from './locale.ts';
import { getPageOrigin } from './policy.ts';

export interface AppContext {
  readonly dataFolder: string;
  readonly log: Logger;
  /** Whether the renderer comes from electron-vite's development server; always false in a packaged app. */
  readonly isDevelopment: boolean;
  /** The origin of the Session Desk page. */
  readonly pageOrigin: string;
  /** The language of the native menu, notifications and dialogs. */
  readonly locale: Locale;
  readonly clipboardExpiry: ClipboardExpiry;
  /** The target of a deep link that was opened before the window exists. */
  pendingDeepLink: string | null;
  window: BrowserWindow | undefined;
  /** Set by `openApplication`. */
  coreApp: Promise<App> | undefined;
}

/**
 * One concern of the Electron host. Called before Electron is ready; may return a function to call when it is ready.
 * `'stop'` ends the start, because the process exits.
 */
export type AppModule = (context: AppContext) => (() => void | Promise<void>) | 'stop' | undefined;

/** The context at process start. */
export function createAppContext(): AppContext {
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
    clipboardExpiry: new ClipboardExpiry(clipboard),
    pendingDeepLink: null,
    window: undefined,
    coreApp: undefined,
  };
}

/**
 * Starts the modules in order. Does not return a promise: Electron becomes ready only after the entry module has run.
 */
export function startModules(context: AppContext, modules: readonly AppModule[]): void {
  const readyHandlers: (() => void | Promise<void>)[] = [];
  for (const module of modules) {
    const result = module(context);
    if (result === 'stop') return;
    if (result !== undefined) readyHandlers.push(result);
  }
  const start = async () => {
    await app.whenReady();
    for (const handleReady of readyHandlers) await handleReady();
  };
  start().catch((error: unknown) => exitOnFatalError(context, error));
}

/** Shows an error box and exits. Electron's default error box shows a stack trace, which may contain secrets. */
export function exitOnFatalError({ log, locale }: Pick<AppContext, 'log' | 'locale'>, error: unknown): void {
  log.error(sanitizeError(error), 'Fatal error, exiting');
  const { title, body } = locale.texts.native.fatalError;
  dialog.showErrorBox(title, body);
  app.exit(1);
}
