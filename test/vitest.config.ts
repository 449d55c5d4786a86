/** Three kinds of tests without a whole console: units, parts joined up, and components in a real Chromium. */
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './support/chromium.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * These open and close hundreds of worker threads in one process, in which Node 24 now and then aborts ("Check failed: jit_page",
 * nodejs/node#64500) and takes the other tests with it: a part of `npm run soak`, where such an end can be told from a finding.
 */
const tampering = ['test/integration/audit/tamper.test.ts'];

export default defineConfig({
  root: here('..'),
  test: {
    allowOnly: false,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], typecheck: { enabled: false } } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], exclude: tampering, testTimeout: 30_000, hookTimeout: 30_000 } },
      { test: { name: 'tampering', include: tampering, testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        plugins: [vue(), VueI18nPlugin({ include: here('../src-renderer/locales/**') })],
        test: {
          name: 'components',
          include: ['test/components/**/*.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: chromiumPath(), args: ['--no-sandbox'] } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
