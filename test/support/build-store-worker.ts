/**
 * Builds the database thread once for a run of the integration tests: one plain file, as it ships with the window, and three
 * times as fast to start. From source each of some hundreds of threads takes its types out in a WebAssembly module of its own;
 * 3 of 8 runs of the tampering tests ended so in "Check failed: jit_page" (nodejs/node#64500), and none of 40 with this file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

export default async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-worker-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('../../src-main/core/store/worker.ts', import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      target: 'node22',
      rolldownOptions: { output: { entryFileNames: 'store-worker.mjs' } },
    },
  });
  // The processes of the tests, and those they start, inherit it.
  process.env['STORE_WORKER'] = pathToFileURL(join(folder, 'store-worker.mjs')).href;
  return () => rmSync(folder, { recursive: true, force: true });
}
