/** The end-to-end tests: the same specs in the browser host and in the Electron window; `*.electron.spec.ts` is about the window alone. */
import { defineConfig } from '@playwright/test';

const pageSpecs = '**/*.page.spec.ts';

export default defineConfig({
  testDir: './test/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: './test-results/e2e',
  snapshotPathTemplate: '{testDir}/baselines/{arg}{ext}',
  workers: 2,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json']],
  projects: [
    // Each test starts a console of its own; more at once would only make each slower.
    {
      name: 'chromium',
      testIgnore: ['**/*.electron.spec.ts', pageSpecs],
      workers: 1,
      use: { host: 'browser' } as object,
    },
    // The pictures and the states of the screen, on the fake desk.
    { name: 'pages', testMatch: pageSpecs, fullyParallel: true },
    { name: 'electron', testIgnore: pageSpecs, workers: 1, use: { host: 'electron' } as object },
  ],
});
