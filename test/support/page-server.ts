/** A page of the tests, built as the screen is and served on this machine alone. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { build, preview } from 'vite';
import type { Plugin } from 'vite';

export interface ServedPage {
  readonly origin: string;
  close(): Promise<void>;
}

function replaceEnglishMessages(words: (english: object) => object): Plugin {
  return {
    name: 'other-words',
    enforce: 'pre',
    load: (id) =>
      id.endsWith('/locales/en.json') ? JSON.stringify(words(JSON.parse(readFileSync(id, 'utf8')) as object)) : null,
  };
}

/** `folder` is within `test`, and holds an index.html. `words` puts others in the place of the English ones. */
export async function servePage(folder: string, words?: (english: object) => object): Promise<ServedPage> {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const outDir = mkdtempSync(join(tmpdir(), 'session-desk-page-'));
  const shared = { configFile: false, root: here(`../${folder}`), logLevel: 'warn' } as const;
  await build({
    ...shared,
    // The design page is part of no build that ships; here it is.
    define: { 'import.meta.env.DEV': 'true' },
    plugins: [
      ...(words ? [replaceEnglishMessages(words)] : []),
      vue(),
      VueI18nPlugin({ include: here('../../src-renderer/locales/**'), dropMessageCompiler: true }),
    ],
    build: { outDir, emptyOutDir: true, target: 'chrome130', chunkSizeWarningLimit: 2_000 },
  });
  const server = await preview({ ...shared, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
  const [origin] = server.resolvedUrls?.local ?? [];
  if (origin === undefined) throw new Error('The page is not served.');
  return {
    origin,
    async close() {
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}
