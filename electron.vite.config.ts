import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Older targets than the Electron of package.json: the end-to-end tests may run on a stand-in (Electron 33).
export default defineConfig({
  main: {
    build: {
      target: 'node20.18',
      rolldownOptions: {
        input: {
          main: here('src-main/main.ts'),
          // A worker thread starts from a file of its own.
          'store-worker': here('src-main/core/store/worker.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      // A sandboxed preload must be CommonJS and can require nothing but electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: here('src-main/preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: here('src-renderer'),
    plugins: [
      vue(),
      // Messages are compiled here: under the Content-Security-Policy nothing may be compiled in the window.
      VueI18nPlugin({ include: here('src-renderer/locales/**'), dropMessageCompiler: true }),
    ],
    build: {
      target: 'chrome130',
      minify: true,
      // Read from the disk beside it, not over a network.
      chunkSizeWarningLimit: 1_500,
      // No data: URLs for fonts and scripts, which the Content-Security-Policy refuses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: here('src-renderer/index.html') } },
    },
  },
});
