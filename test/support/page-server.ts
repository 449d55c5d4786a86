/** Builds a test page like the renderer and serves it on loopback. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { build, preview } from 'vite';
import type { Plugin } from 'vite';
import { securityHeaders } from '../../src-main/hosts/static-files.ts';
import type { Language } from '../../src-main/contract/index.ts';

export interface ServedPage {
  readonly origin: string;
  close(): Promise<void>;
}

interface LocaleReplacement {
  /** The language whose messages are replaced. */
  readonly locale: Exclude<Language, 'en'>;
  /** Creates the messages from the English ones. */
  readonly transform: (english: object) => object;
}

function replaceLocale({ locale, transform }: LocaleReplacement): Plugin {
  return {
    name: 'replace-locale',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith(`/locales/${locale}.json`)) return null;
      const english = readFileSync(join(dirname(id), 'en.json'), 'utf8');
      return JSON.stringify(transform(JSON.parse(english) as object));
    },
  };
}

/** `folder`: a folder below `test` with an index.html. */
export async function servePage(folder: string, replacement?: LocaleReplacement): Promise<ServedPage> {
  const resolvePath = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const outDir = mkdtempSync(join(tmpdir(), 'session-desk-page-'));
  const shared = { configFile: false, root: resolvePath(`../${folder}`), logLevel: 'warn' } as const;
  await build({
    ...shared,
    // Includes the design page, which production builds omit.
    define: { 'import.meta.env.DEV': 'true' },
    plugins: [
      ...(replacement ? [replaceLocale(replacement)] : []),
      vue(),
      VueI18nPlugin({ include: resolvePath('../../src-renderer/locales/**'), dropMessageCompiler: true }),
    ],
    build: { outDir, emptyOutDir: true, target: 'chrome130', chunkSizeWarningLimit: 2_000 },
  });
  const server = await preview({
    ...shared,
    build: { outDir },
    // The page must work under the policy of the hosts.
    preview: { host: '127.0.0.1', port: 0, headers: { ...securityHeaders } },
  });
  const [origin] = server.resolvedUrls?.local ?? [];
  if (origin === undefined) throw new Error('The preview server has no local address.');
  return {
    origin,
    async close() {
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}
