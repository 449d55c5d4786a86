import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/index.ts';

/**
 * Removes the partial files of exports that an earlier process did not finish, and adds the missing end record for each
 * of them to the audit log. Call it before this process appends its first audit record.
 */
export async function cleanUpInterruptedExports(store: Store, exportsFolder: string): Promise<void> {
  const names = await readdir(exportsFolder).catch(() => []);
  const partialFiles = names.filter((name) => name.endsWith('.part'));
  for (const name of partialFiles) await rm(join(exportsFolder, name), { force: true }).catch(() => undefined);
  for (const { action, batchId, count } of await store.run('unfinishedExports', null)) {
    for (let remaining = count; remaining > 0; remaining -= 1) {
      await store.run('appendAudit', {
        action,
        batchId,
        outcome: 'stopped',
        detail: { kind: 'export_end', sessions: null },
      });
    }
  }
}
