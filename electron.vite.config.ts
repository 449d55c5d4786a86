import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const resolvePath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The targets are older than the Electron of package.json, because the end-to-end tests may run on Electron 33.
export default defineConfig({
  main: {
    // JSON.parse reads the texts five times faster than a JavaScript literal.
    json: { stringify: true, namedExports: false },
    build: {
      target: 'node20.18',
      rolldownOptions: {
        input: {
          main: resolvePath('src-main/main.ts'),
          // A worker thread needs a separate entry file.
          'store-worker': resolvePath('src-main/core/store/worker.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      // A sandboxed preload must be CommonJS and can require only electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: resolvePath('src-main/preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolvePath('src-renderer'),
    plugins: [
      vue(),
      // Compile messages at build time: the Content-Security-Policy forbids compiling them in the page.
      VueI18nPlugin({ include: resolvePath('src-renderer/locales/**'), dropMessageCompiler: true }),
    ],
    build: {
      target: 'chrome130',
      minify: true,
      // Files are read from the local disk, so chunk size matters little.
      chunkSizeWarningLimit: 1_500,
      // The Content-Security-Policy forbids data: URLs for fonts and scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: resolvePath('src-renderer/index.html') } },
    },
  },
});
