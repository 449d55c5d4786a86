/** A store with its audit log and a keychain that outlives the process, as a workspace has them. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Audit, auditKeeping } from '../../src-main/core/audit/index.ts';
import { Vault, type Keychain } from '../../src-main/core/connections/index.ts';
import { Store } from '../../src-main/core/store/index.ts';
import { storeWorker } from '../support/app.ts';

/** Each write takes the place of the file before at once, as a keychain's would. */
export function fileKeychain(file: string): Keychain {
  const entries = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, string>;
  const put = (all: Record<string, string>) => {
    writeFileSync(`${file}.new`, JSON.stringify(all));
    renameSync(`${file}.new`, file);
  };
  return {
    get: (account) => Promise.resolve(entries()[account] ?? null),
    set: (account, secret) => Promise.resolve(put({ ...entries(), [account]: secret })),
    remove: (account) =>
      Promise.resolve(put(Object.fromEntries(Object.entries(entries()).filter(([name]) => name !== account)))),
  };
}

export async function openLog(folder: string): Promise<{ store: Store; audit: Audit; close(): Promise<void> }> {
  const keeping = await auditKeeping(new Vault('work', fileKeychain(join(folder, 'keychain.json'))), folder);
  const store = await Store.open(storeWorker, {
    folder,
    operator: 'olivia',
    host: 'desk-7',
    auditKey: keeping.key,
    auditKeyPlace: keeping.place,
    auditHead: keeping.head,
  });
  const nothing = () => undefined;
  const audit = new Audit({ store, keeping, folder, appended: nothing, verifying: nothing, headNotKept: nothing });
  return {
    store,
    audit,
    close: async () => {
      audit.stop();
      await store.close();
      await audit.close();
    },
  };
}
