/**
 * Fixtures of the end-to-end tests: the app in the host of its project, the simulated providers, and checks on the
 * page. Import `test` and `expect` from here.
 *
 * `app` starts Session Desk on a new data folder. A test that needs no app of its own takes `workApp` or `practiceApp`:
 * all tests of a worker share one running app, because a start takes longer than most of these tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Browser, type ElectronApplication, type Page, type TestInfo } from '@playwright/test';
import type { WorkspaceName } from '../../src-main/contract/index.ts';
import { chromiumLaunchOptions } from '../support/chromium.ts';
import {
  launchBrowserHost,
  launchElectronHost,
  type DialogAnswer,
  type HostName,
  type RunningApp,
  type ShownDialog,
} from '../support/launch-hosts.ts';
import { spawnSimulator, type SpawnedSimulator } from '../support/spawn-simulator.ts';
import { callApi } from './api-calls.ts';

export { expect } from '@playwright/test';

export interface AppUnderTest {
  readonly isRunning: boolean;
  /** The page of the running app. `restart` replaces it. */
  readonly page: Page;
  /** Electron's main process; throws in the browser host. */
  readonly electron: ElectronApplication;
  readonly host: HostName;
  readonly dataFolder: string;
  readonly processId: number;
  /** Answers the native dialogs of the window from now on. Without it, they are confirmed. */
  answerDialogs(answer: DialogAnswer): Promise<void>;
  /** The native dialogs since the start of the app. */
  readDialogs(): Promise<ShownDialog[]>;
  /** Ends the app like Ctrl-C and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends the app without warning, like a power failure. */
  kill(): Promise<void>;
  /** Starts the app again on the same data folder. Stops it first if it still runs. */
  restart(): Promise<void>;
  /** Errors and warnings of the page so far. A test that provokes one removes it. */
  readonly pageErrors: string[];
}

interface AppUnderTestOwner {
  readonly app: AppUnderTest;
  /** Ends the app if it runs. Resolves with the exit code; 0 if a test has ended it. */
  finish(): Promise<number | null>;
}

interface TestOptions {
  /** Additional environment variables of the process of `app`. */
  appEnv: Record<string, string>;
}

interface TestFixtures {
  dataFolder: string;
  /** An app of the test's own, at its first start. */
  app: AppUnderTest;
  /** The shared app in the work workspace, with the connections `Flinks CA` and `Xendit ID` to `simulator`. */
  workApp: AppUnderTest;
  /**
   * The shared app in practice. Tests share its sessions: a test that cancels sessions names them. Practice has a new
   * audit key each time it opens, so that its log is verified completely only at the first time.
   */
  practiceApp: AppUnderTest;
  /** The simulated providers of the worker, without faults. A test creates its sessions with `createSession`. */
  simulator: SpawnedSimulator;
}

interface WorkerFixtures {
  host: HostName;
  hostBrowser: Browser | undefined;
  workerSimulator: SpawnedSimulator;
  sharedApp: AppUnderTest;
}

export const test = base.extend<TestFixtures & TestOptions, WorkerFixtures>({
  host: ['browser', { option: true, scope: 'worker' }],
  appEnv: [{}, { option: true }],

  /** The browser that shows the pages of the browser host. */
  hostBrowser: [
    async ({ host, playwright }, use) => {
      const browser = host === 'browser' ? await playwright.chromium.launch(chromiumLaunchOptions()) : undefined;
      await use(browser);
      await browser?.close();
    },
    { scope: 'worker' },
  ],

  workerSimulator: [
    async ({}, use) => {
      const simulator = await spawnSimulator({ sessionCount: 0 });
      await use(simulator);
      await simulator.stop();
    },
    { scope: 'worker' },
  ],

  sharedApp: [
    async ({ host, hostBrowser, workerSimulator }, use) => {
      const folder = createDataFolder();
      const { app, finish } = await startApp(host, hostBrowser, folder, {});
      await connectToSimulator(app.page, workerSimulator);
      await use(app);
      const exitCode = await finish();
      removeDataFolder(folder);
      base.expect(exitCode, 'the shared app ended cleanly').toBe(0);
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  dataFolder: async ({}, use) => {
    const folder = createDataFolder();
    await use(folder);
    removeDataFolder(folder);
  },

  simulator: async ({ workerSimulator }, use) => {
    await workerSimulator.control('setFaults', []);
    await use(workerSimulator);
  },

  app: async ({ host, hostBrowser, appEnv, dataFolder }, use, testInfo) => {
    const { app, finish } = await startApp(host, hostBrowser, dataFolder, appEnv);
    await use(app);
    await attachScreenOfFailure(app, testInfo);
    const exitCode = await finish();
    base.expect(app.pageErrors, 'the page complained').toEqual([]);
    base.expect(exitCode, 'the console ended cleanly').toBe(0);
  },

  workApp: async ({ sharedApp, simulator: _simulator }, use, testInfo) => {
    await useSharedApp(sharedApp, 'work', use, testInfo);
  },

  practiceApp: async ({ sharedApp }, use, testInfo) => {
    await useSharedApp(sharedApp, 'practice', use, testInfo);
  },
});

const createDataFolder = (): string => mkdtempSync(join(tmpdir(), 'session-desk-e2e-'));
const removeDataFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

async function startApp(
  host: HostName,
  browser: Browser | undefined,
  dataFolder: string,
  appEnv: Record<string, string>,
): Promise<AppUnderTestOwner> {
  const pageErrors: string[] = [];
  const env = { ...(process.env as Record<string, string>), ...appEnv, SESSION_DESK_DATA: dataFolder };
  const start = async (): Promise<RunningApp> => {
    const started = await (browser ? launchBrowserHost(env, browser) : launchElectronHost(env));
    collectPageErrors(started.page, pageErrors);
    await waitUntilLoaded(started.page);
    return started;
  };

  let running: RunningApp | undefined = await start();
  const current = (): RunningApp => {
    if (running === undefined) throw new Error('The app was ended; restart it first.');
    return running;
  };
  const stop = async () => {
    const ending = current();
    running = undefined;
    return ending.stop();
  };
  const app: AppUnderTest = {
    get isRunning() {
      return running !== undefined;
    },
    get page() {
      return current().page;
    },
    get electron() {
      const { electron } = current();
      if (electron === undefined) throw new Error('The browser host has no Electron.');
      return electron;
    },
    get processId() {
      return current().processId;
    },
    host,
    dataFolder,
    pageErrors,
    answerDialogs: (answer) => current().answerDialogs(answer),
    readDialogs: () => current().readDialogs(),
    stop,
    async kill() {
      const ending = current();
      running = undefined;
      await ending.kill();
    },
    async restart() {
      if (running !== undefined) await stop();
      running = await start();
    },
  };
  return { app, finish: async () => (running === undefined ? 0 : stop()) };
}

/** A page that is still loading ignores keys. */
const waitUntilLoaded = (page: Page): Promise<void> => page.locator('.layout, .workspace-error').first().waitFor();

/** Adds connections to both accounts of the simulator. */
async function connectToSimulator(page: Page, { url, credentials }: SpawnedSimulator): Promise<void> {
  const common = { environment: 'sandbox', baseUrl: url } as const;
  const { flinks, xendit } = credentials;
  await callApi(page, 'connections.add', {
    ...common,
    name: 'Flinks CA',
    secret: flinks.clientSecret,
    options: { provider: 'flinks', clientId: flinks.clientId },
  });
  await callApi(page, 'connections.add', {
    ...common,
    name: 'Xendit ID',
    secret: xendit.secretKey,
    options: { provider: 'xendit' },
  });
}

/** Passes the shared app to a test in its first view, without stored settings of the page. */
async function useSharedApp(
  app: AppUnderTest,
  workspace: WorkspaceName,
  use: (app: AppUnderTest) => Promise<void>,
  testInfo: TestInfo,
): Promise<void> {
  await openWorkspace(app.page, workspace);
  await app.answerDialogs('confirm');
  app.pageErrors.length = 0;
  await use(app);
  await attachScreenOfFailure(app, testInfo);
  base.expect(app.pageErrors, 'the page complained').toEqual([]);
}

/** Opens the first view of a workspace. */
export async function openWorkspace(page: Page, workspace: WorkspaceName): Promise<void> {
  const state = await callApi(page, 'app.getState', {});
  if (state.workspace !== workspace) await callApi(page, 'workspace.open', { workspace });
  await page.evaluate(() => {
    localStorage.clear();
    location.hash = '#/sessions';
  });
  await page.reload();
  await waitUntilLoaded(page);
  // The first start of practice creates thousands of sessions.
  if (workspace === 'practice') await page.getByRole('row').nth(1).waitFor();
}

async function attachScreenOfFailure(app: AppUnderTest, testInfo: TestInfo): Promise<void> {
  if (!app.isRunning || testInfo.status === testInfo.expectedStatus) return;
  await testInfo.attach('screen', {
    body: await app.page.screenshot({ timeout: 5_000 }),
    contentType: 'image/png',
  });
}

/** Collects exceptions and the console errors and warnings of a page, including violations of the security policy. */
function collectPageErrors(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
}
