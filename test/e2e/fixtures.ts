/**
 * Fixtures of every end-to-end test: the app on a new data folder, in the host of its project, and checks on the page.
 * Import `test` and `expect` from here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type ElectronApplication, type Page } from '@playwright/test';
import { chromiumPath } from '../support/chromium.ts';
import { launchBrowserHost, launchElectronHost, type HostName, type RunningApp } from '../support/launch-hosts.ts';
import { spawnSimulator, type SpawnedSimulator } from '../support/spawn-simulator.ts';

export { expect } from '@playwright/test';

export interface AppUnderTest {
  /** The page of the running app. `restart` replaces it. */
  readonly page: Page;
  /** Electron's main process; throws in the browser host. */
  readonly electron: ElectronApplication;
  readonly host: HostName;
  readonly dataFolder: string;
  readonly processId: number;
  /** Ends the app like Ctrl-C and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends the app without warning, like a power failure. */
  kill(): Promise<void>;
  /** Starts the app again on the same data folder. Stops it first if it still runs. */
  restart(): Promise<void>;
  /** Errors and warnings of the page so far. A test that provokes one removes it. */
  readonly pageErrors: string[];
}

interface TestOptions {
  host: HostName;
  /** Additional environment variables of the app process. */
  appEnv: Record<string, string>;
}

interface Fixtures {
  dataFolder: string;
  app: AppUnderTest;
  simulator: SpawnedSimulator;
}

export const test = base.extend<Fixtures & TestOptions>({
  host: ['browser', { option: true }],
  appEnv: [{}, { option: true }],

  dataFolder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'session-desk-e2e-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  },

  simulator: async ({}, use) => {
    const simulator = await spawnSimulator();
    await use(simulator);
    await simulator.stop();
  },

  app: async ({ host, appEnv, dataFolder, playwright }, use, testInfo) => {
    const pageErrors: string[] = [];
    const browser =
      host === 'browser'
        ? await playwright.chromium.launch({
            executablePath: chromiumPath(),
            args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
          })
        : undefined;
    const env = { ...(process.env as Record<string, string>), ...appEnv, SESSION_DESK_DATA: dataFolder };
    const start = async (): Promise<RunningApp> => {
      const started = await (browser ? launchBrowserHost(env, browser) : launchElectronHost(env));
      collectPageErrors(started.page, pageErrors);
      // A page that is still loading ignores keys.
      await started.page.locator('.layout, .workspace-error').first().waitFor();
      return started;
    };

    let running: RunningApp | undefined = await start();
    const current = (): RunningApp => {
      if (running === undefined) throw new Error('The console was ended; restart it first.');
      return running;
    };
    const stop = async () => {
      const ending = current();
      running = undefined;
      return ending.stop();
    };
    await use({
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
    });

    if (running !== undefined && testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('screen', {
        body: await running.page.screenshot({ timeout: 5_000 }),
        contentType: 'image/png',
      });
    }
    const exitCode = running === undefined ? 0 : await running.stop();
    await browser?.close();
    base.expect(pageErrors, 'the page complained').toEqual([]);
    base.expect(exitCode, 'the console ended cleanly').toBe(0);
  },
});

/** Collects exceptions and the console errors and warnings of a page, including violations of the security policy. */
function collectPageErrors(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
}
