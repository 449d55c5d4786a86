/** Starts Session Desk in either host, for the end-to-end tests. The build must exist. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { _electron, type Browser, type ElectronApplication, type Page } from '@playwright/test';

/** The answer to native dialogs. */
export type DialogAnswer = 'confirm' | 'decline';

export type HostName = 'browser' | 'electron';

export interface ShownDialog {
  readonly message: string;
  readonly detail: string;
}

export interface RunningApp {
  readonly page: Page;
  /** Electron's main process; undefined for the browser host. */
  readonly electron?: ElectronApplication;
  /** The process that runs core. */
  readonly processId: number;
  /** Answers the native dialogs of the window from now on. They are confirmed at the start. */
  answerDialogs(answer: DialogAnswer): Promise<void>;
  /** The native dialogs that were answered so far: their messages and details. */
  readDialogs(): Promise<ShownDialog[]>;
  /** Stops the host like Ctrl-C. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Kills the host, and waits until it has exited. */
  kill(): Promise<void>;
}

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Starts the browser host and opens its address in a new browser context. */
export async function launchBrowserHost(env: Record<string, string>, browser: Browser): Promise<RunningApp> {
  const child = spawn(process.execPath, ['src-main/hosts/start.ts', '--no-build', '--browser', '--no-open'], {
    cwd: projectFolder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    // Close the page first, so that it does not report a lost connection.
    await context.close();
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/127\.0\.0\.1:\d+\/open\?code=\S+/.exec(line)?.[0];
    if (address === undefined) continue;
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForURL((url) => url.pathname !== '/open');
    return {
      page,
      processId: child.pid ?? 0,
      answerDialogs: () => Promise.resolve(),
      readDialogs: () => Promise.resolve([]),
      stop: () => end('SIGINT'),
      kill: async () => void (await end('SIGKILL')),
    };
  }
  throw new Error('The browser host ended before it printed its address.');
}

interface ElectronLaunchOptions {
  readonly executablePath: string;
  readonly switches: readonly string[];
  /** The folder of the built app. A substitute for Electron may need it in another folder. */
  readonly appFolder: string;
}

/** The Electron binary that run.ts has found. */
export function electronLaunchOptions(): ElectronLaunchOptions {
  const executablePath = process.env['ELECTRON_PATH'];
  if (executablePath === undefined) throw new Error('ELECTRON_PATH is not set: run `node test/support/run.ts e2e`.');
  // Chromium's sandbox does not work for root. The page has no Node integration in either case.
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath, switches, appFolder: process.env['SESSION_DESK_STAGED'] ?? projectFolder };
}

/** Replaces the message box of Electron: the real one would wait for a click. Button 0 declines, button 1 confirms. */
function answerDialogs(app: ElectronApplication, answer: DialogAnswer): Promise<void> {
  return app.evaluate(
    ({ dialog }, response) => {
      const shared = globalThis as { shownDialogs?: ShownDialog[] };
      const shown = (shared.shownDialogs ??= []);
      Object.assign(dialog, {
        showMessageBox: (_window: unknown, { message, detail }: ShownDialog) => {
          shown.push({ message, detail });
          return Promise.resolve({ response });
        },
      });
    },
    answer === 'confirm' ? 1 : 0,
  );
}

/** Starts the Electron host, optionally with deep links as arguments. */
export async function launchElectronHost(
  env: Record<string, string>,
  links: readonly string[] = [],
): Promise<RunningApp> {
  const { executablePath, switches, appFolder } = electronLaunchOptions();
  const loader = fileURLToPath(new URL('electron-loader', import.meta.url));
  const app = await _electron.launch({
    executablePath,
    args: [...switches, loader, ...links],
    env: { ...env, SESSION_DESK_FOLDER: appFolder },
    timeout: 30_000,
  });
  const child = app.process();
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  };
  await answerDialogs(app, 'confirm');
  const page = await app.firstWindow();
  return {
    page,
    electron: app,
    processId: child.pid ?? 0,
    answerDialogs: (answer) => answerDialogs(app, answer),
    readDialogs: () => app.evaluate(() => (globalThis as { shownDialogs?: ShownDialog[] }).shownDialogs ?? []),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}
