/**
 * End-to-end tests. The same specs run in the browser host and in the Electron window; `*.electron.spec.ts` runs only
 * in the window.
 */
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
    // One worker, because each test starts Session Desk; parallel tests would slow each other down.
    {
      name: 'chromium',
      testIgnore: ['**/*.electron.spec.ts', pageSpecs],
      workers: 1,
      use: { host: 'browser' } as object,
    },
    // Screenshot comparisons and page states, with the fake API client.
    { name: 'pages', testMatch: pageSpecs, fullyParallel: true },
    { name: 'electron', testIgnore: pageSpecs, workers: 1, use: { host: 'electron' } as object },
  ],
});
