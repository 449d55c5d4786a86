/** What the modules of the window share, and how they are started. */
import { app } from 'electron';
import type { BrowserWindow } from 'electron';
import type { Desk, Log } from '../../core/app.ts';
import { dataFolderOf } from '../../core/index.ts';
import { switchOffCoreDumps } from '../core-dumps.ts';
import { openLog } from '../logger.ts';
import { pageOrigin } from './app-origin.ts';
import { Speech } from './locale.ts';
import { unforeseen } from './fatal-error.ts';

export interface Program {
  readonly dataFolder: string;
  readonly log: Log;
  /** Whether electron-vite's development server draws the screen; never in a packaged console. */
  readonly development: boolean;
  /** The origin of the console's own page. */
  readonly origin: string;
  /** The language of the window's own words. */
  readonly speech: Speech;
  /** What a link named before there was a window. */
  sought: string | null;
  window: BrowserWindow | undefined;
  /** Begun by the module that opens the desk. */
  desk: Promise<Desk> | undefined;
}

/**
 * One concern of the window. Called before Electron is ready, and may leave a function for when it is.
 * `'stop'` ends the start: the process is on its way out.
 */
export type Module = (program: Program) => (() => void | Promise<void>) | 'stop' | undefined;

/** The program as it begins, with nothing open yet. */
export function newProgram(): Program {
  switchOffCoreDumps();
  const dataFolder = dataFolderOf(process.env);
  const developmentUrl = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
  const development = developmentUrl !== undefined;
  const log = openLog(dataFolder);
  const speech = new Speech(() => app.getPreferredSystemLanguages());
  return {
    dataFolder,
    log,
    development,
    origin: pageOrigin(developmentUrl),
    speech,
    sought: null,
    window: undefined,
    desk: undefined,
  };
}

/** Starts the modules in order. Not awaited: Electron is not ready before the entry module is done. */
export function run(program: Program, modules: readonly Module[]): void {
  const whenReady: (() => void | Promise<void>)[] = [];
  for (const module of modules) {
    const next = module(program);
    if (next === 'stop') return;
    if (next !== undefined) whenReady.push(next);
  }
  const start = async () => {
    await app.whenReady();
    for (const step of whenReady) await step();
  };
  start().catch((error: unknown) => unforeseen(program, error));
}
