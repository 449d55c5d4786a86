/** Starting the console in either host as a person would, for the end-to-end tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { _electron, type Browser, type ElectronApplication, type Page } from '@playwright/test';

export type HostName = 'browser' | 'electron';

export interface RunningApp {
  readonly page: Page;
  /** Electron's main process, where that is the host. */
  readonly electron?: ElectronApplication;
  /** The process that holds the desk. */
  readonly processId: number;
  /** Ends it as Ctrl-C would, and waits: resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would, and waits. */
  kill(): Promise<void>;
}

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Starts the browser host and opens the address that it prints in a fresh browser context. */
export async function launchBrowserHost(env: Record<string, string>, browser: Browser): Promise<RunningApp> {
  const child = spawn(process.execPath, ['src-main/hosts/start.ts', '--browser', '--no-open'], {
    cwd: projectFolder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    // The page goes first: that it lost its server is no finding.
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
      stop: () => end('SIGINT'),
      kill: async () => void (await end('SIGKILL')),
    };
  }
  throw new Error('The browser host ended before it printed its address.');
}

interface ElectronLaunchOptions {
  readonly executablePath: string;
  readonly switches: readonly string[];
  /** The built console: a stand-in for Electron may have it staged elsewhere. */
  readonly appFolder: string;
}

/** Electron, as run.ts found it. */
export function electronLaunchOptions(): ElectronLaunchOptions {
  const executablePath = process.env['ELECTRON_PATH'];
  if (executablePath === undefined) throw new Error('ELECTRON_PATH is not set: run `node test/support/run.ts e2e`.');
  // Chromium has no sandbox for root; the page stays without Node either way.
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath, switches, appFolder: process.env['SESSION_DESK_STAGED'] ?? projectFolder };
}

/** Starts the Electron window, as by following a link where one is given. */
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
  const page = await app.firstWindow();
  return {
    page,
    electron: app,
    processId: child.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}
