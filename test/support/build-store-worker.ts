/**
 * Builds the threads and processes that the integration tests start into JavaScript files. They start more than twice
 * as fast as the source. The database worker must not start from source in tests: each such thread strips types in a
 * separate WebAssembly module, and with many threads Node aborts with "Check failed: jit_page" (nodejs/node#64500).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { testProcesses } from './test-processes.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

export default async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'session-desk-build-'));
  await build({
    root: projectFolder,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: 'node22',
      rolldownOptions: {
        input: { 'store-worker': 'src-main/core/store/worker.ts', ...testProcesses },
        output: { entryFileNames: '[name].mjs' },
      },
    },
  });
  // The test processes and their child processes inherit the variables.
  const folderUrl = pathToFileURL(`${folder}/`);
  process.env['STORE_WORKER'] = new URL('store-worker.mjs', folderUrl).href;
  process.env['TEST_PROCESSES'] = folderUrl.href;
  return () => rmSync(folder, { recursive: true, force: true });
}
