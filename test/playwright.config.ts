/** The end-to-end tests: the same specs in the browser host and in the Electron window; `*.electron.spec.ts` is about the window alone. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: './e2e',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results/e2e',
  snapshotPathTemplate: '{testDir}/baselines/{arg}{ext}',
  // Each test starts a console of its own; more at once would only make each slower.
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json']],
  projects: [
    { name: 'chromium', testIgnore: '**/*.electron.spec.ts', use: { host: 'browser' } as object },
    // The pictures and the states of the fake desk are Chromium's own.
    { name: 'electron', testIgnore: ['**/visual.spec.ts', '**/*.page.spec.ts'], use: { host: 'electron' } as object },
  ],
});
