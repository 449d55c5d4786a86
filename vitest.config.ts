/** Projects: unit tests, integration tests of the main process, and component tests in Chromium. */
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './test/support/chromium.ts';
import { isFullSuite } from './test/support/suite.ts';

/** These only end a test that hangs; a busy computer must not reach them. */
const testTimeout = 120_000;
const pollTimeoutMs = 30_000;

/** A test that makes no assertion fails. */
const requireAssertions = true;

const randomSeed = 'test/support/random-seed.ts';

const resolvePath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: resolvePath('.'),
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Long tests with random input.
          exclude: isFullSuite ? [] : ['**/*.full.test.ts'],
          // Loading the modules anew for each file takes longer than the tests.
          isolate: false,
          setupFiles: [randomSeed],
          testTimeout,
          expect: { requireAssertions },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/build-store-worker.ts'],
          isolate: false,
          setupFiles: [randomSeed],
          testTimeout,
          hookTimeout: testTimeout,
          expect: { requireAssertions, poll: { timeout: pollTimeoutMs } },
        },
      },
      {
        plugins: [vue(), VueI18nPlugin({ include: resolvePath('./src-renderer/locales/**') })],
        test: {
          name: 'components',
          include: ['test/components/**/*.test.ts'],
          // The tests share one page: loading the application anew for each file takes a third of the time.
          isolate: false,
          testTimeout,
          expect: { requireAssertions, poll: { timeout: pollTimeoutMs } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: chromiumPath(), args: ['--no-sandbox'] },
              contextOptions: { reducedMotion: 'reduce' },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
