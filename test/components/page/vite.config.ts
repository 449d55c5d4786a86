/** `vite --config test/components/page/vite.config.ts`: the screen without a console, for looking at it. */
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  plugins: [vue(), VueI18nPlugin({ include: here('../../../src-renderer/locales/**') })],
  server: { fs: { allow: [here('../../..')] }, host: '127.0.0.1', port: 5199 },
});
