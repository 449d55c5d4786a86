/** Opens a store with its audit log, like a workspace, and a file-based keychain that survives the process. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditService, loadAuditKeyMaterial } from '../../src-main/core/audit/index.ts';
import { SecretStore, type Keychain } from '../../src-main/core/connections/index.ts';
import { Store } from '../../src-main/core/store/index.ts';
import { storeWorkerUrl } from '../support/app.ts';

/** Each write replaces the file atomically, like a write to the OS keychain. */
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

export async function openAuditLog(
  folder: string,
): Promise<{ store: Store; audit: AuditService; close(): Promise<void> }> {
  const keyMaterial = await loadAuditKeyMaterial(
    new SecretStore('work', fileKeychain(join(folder, 'keychain.json'))),
    folder,
  );
  const store = await Store.open(storeWorkerUrl, {
    folder,
    operator: 'olivia',
    host: 'desk-7',
    auditKey: keyMaterial.key,
    auditKeySource: keyMaterial.keySource,
    auditHead: keyMaterial.head,
  });
  const nothing = () => undefined;
  const audit = new AuditService({
    store,
    keyMaterial,
    folder,
    onAppended: nothing,
    onVerificationProgress: nothing,
    onHeadWriteFailed: nothing,
  });
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
