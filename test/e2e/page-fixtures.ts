/**
 * Fixtures of the tests in `*.page.spec.ts`: the screen with the fake client in Chromium. Each worker builds and serves
 * a page once. Import `test` and `expect` from here.
 */
import { test as base, type Page } from '@playwright/test';
import { chromiumLaunchOptions } from '../support/chromium.ts';
import { servePage, type ServedPage } from '../support/page-server.ts';
import { lengthenMessages } from '../support/locale-messages.ts';

export { expect } from '@playwright/test';

interface TestFixtures {
  /**
   * The page of the worker, reset to the light scheme and 1280 by 800 pixels. A new context for each test would compile
   * the application again. The fake client keeps no data, and the storage is emptied at each load.
   */
  page: Page;
  /** A new page in the context of the worker, for tests that leave something behind, such as an init script. */
  newPage: Page;
}

interface WorkerFixtures {
  workerPage: Page;
  servedPage: ServedPage;
  /** A page whose language `id` has the English texts, 40% longer. */
  servedLongPage: ServedPage;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  launchOptions: [chromiumLaunchOptions(), { scope: 'worker' }],

  workerPage: [
    async ({ browser }, use) => {
      const context = await browser.newContext({
        reducedMotion: 'reduce',
        locale: 'en-CA',
        timezoneId: 'UTC',
        viewport: { width: 1280, height: 800 },
      });
      const page = await context.newPage();
      await page.addInitScript(() => localStorage.clear());
      await use(page);
      await context.close();
    },
    { scope: 'worker' },
  ],

  page: async ({ workerPage }, use) => {
    await workerPage.mouse.move(0, 0);
    await workerPage.setViewportSize({ width: 1280, height: 800 });
    await workerPage.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    await use(workerPage);
  },

  newPage: async ({ workerPage }, use) => {
    const page = await workerPage.context().newPage();
    await use(page);
    await page.close();
  },

  servedPage: [
    async ({}, use) => {
      const servedPage = await servePage('components/page');
      await use(servedPage);
      await servedPage.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  servedLongPage: [
    async ({}, use) => {
      const servedPage = await servePage('components/page', { locale: 'id', transform: lengthenMessages });
      await use(servedPage);
      await servedPage.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
