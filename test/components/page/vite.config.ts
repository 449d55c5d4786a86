/** `vite --config test/components/page/vite.config.ts` serves the renderer without a host, for manual inspection. */
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const resolvePath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: resolvePath('.'),
  plugins: [vue(), VueI18nPlugin({ include: resolvePath('../../../src-renderer/locales/**') })],
  server: { fs: { allow: [resolvePath('../../..')] }, host: '127.0.0.1', port: 5199 },
});
