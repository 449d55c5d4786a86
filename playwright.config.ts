/**
 * End-to-end tests. The same specs run in the browser host and in the Electron window; `*.electron.spec.ts` runs only
 * in the window.
 */
import { defineConfig } from '@playwright/test';
import { isFullSuite } from './test/support/suite.ts';

const pageSpecs = '**/*.page.spec.ts';
/** Long proofs. */
const fullSpecs = isFullSuite ? [] : ['**/*.full.spec.ts'];

/** Each project has its own folder, because a run empties the folder and projects run side by side. */
const project = (name: string) => ({ name, outputDir: `./test-results/${name}` });

export default defineConfig({
  testDir: './test/e2e',
  testMatch: '**/*.spec.ts',
  snapshotPathTemplate: '{testDir}/baselines/{arg}{ext}',
  workers: 1,
  forbidOnly: true,
  // These only end a test that hangs; a busy computer must not reach them.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  projects: [
    {
      ...project('browser'),
      testIgnore: ['**/*.electron.spec.ts', pageSpecs, ...fullSpecs],
      use: { host: 'browser' } as object,
    },
    // Screenshot comparisons and page states, with the fake API client.
    { ...project('pages'), testMatch: pageSpecs, testIgnore: fullSpecs, fullyParallel: true },
    { ...project('electron'), testIgnore: [pageSpecs, ...fullSpecs], use: { host: 'electron' } as object },
  ],
});
