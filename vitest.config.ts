/** Projects: unit tests, integration tests of the main process, and component tests in Chromium. */
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { axe } from './test/support/axe-command.ts';
import { chromiumPath } from './test/support/chromium.ts';

/** Long enough for a busy computer. */
const pollTimeoutMs = 10_000;

const resolvePath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: resolvePath('.'),
  test: {
    allowOnly: false,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], typecheck: { enabled: false } } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/build-store-worker.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: { poll: { timeout: pollTimeoutMs } },
        },
      },
      {
        plugins: [vue(), VueI18nPlugin({ include: resolvePath('./src-renderer/locales/**') })],
        test: {
          name: 'components',
          include: ['test/components/**/*.test.ts'],
          testTimeout: 30_000,
          expect: { poll: { timeout: pollTimeoutMs } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            commands: { axe },
            provider: playwright({ launchOptions: { executablePath: chromiumPath(), args: ['--no-sandbox'] } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
