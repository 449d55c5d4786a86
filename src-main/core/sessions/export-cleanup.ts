import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/index.ts';

/**
 * What a run that was killed in the middle of an export left behind: half a file, which is taken away, and a record that it
 * began, which is answered by one that it ended. To be called before this run's own first record.
 */
export async function cleanUpInterruptedExports(store: Store, exportsFolder: string): Promise<void> {
  const names = await readdir(exportsFolder).catch(() => []);
  const halves = names.filter((name) => name.endsWith('.part'));
  for (const name of halves) await rm(join(exportsFolder, name), { force: true }).catch(() => undefined);
  for (const { action, batchId, count } of await store.run('unfinishedExports', null)) {
    for (let left = count; left > 0; left -= 1) {
      await store.run('appendAudit', {
        action,
        batchId,
        outcome: 'stopped',
        detail: 'The console ended before the file was whole',
      });
    }
  }
}
