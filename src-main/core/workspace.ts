import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { WorkspaceName } from '../contract/index.ts';
import { Cancellations } from './cancellation/index.ts';
import { Connections, Vault } from './connections/index.ts';
import type { DeskOptions } from './desk.ts';
import type { Events } from './events.ts';
import { furnishPractice, startPractice } from './practice-workspace.ts';
import { createProviders } from './providers/index.ts';
import { Registry } from './sessions/index.ts';
import { Store } from './store/index.ts';

/** How long what is in flight may take to be recorded when a workspace is closed. */
const closeLimitMs = 8_000;
const auditKeyAccount = 'audit-key';

/** Everything that works on one record: real work, or practice. They share no file, no secret and no connection. */
export interface Workspace {
  readonly name: WorkspaceName;
  readonly store: Store;
  readonly vault: Vault;
  readonly connections: Connections;
  readonly registry: Registry;
  readonly cancellations: Cancellations;
  /** Aborted as the workspace closes. */
  readonly closing: AbortSignal;
  close(): Promise<void>;
}

/** Opens a workspace, alone on its folder; throws what `openDatabase` throws. What a crash left behind is read back in the background. */
export async function openWorkspace(name: WorkspaceName, options: DeskOptions, events: Events): Promise<Workspace> {
  const folder = join(options.dataFolder, name);
  const vault = new Vault(name, name === 'practice' ? null : options.keychain);
  const store = await Store.open(options.storeWorker, {
    folder, operator: options.operator, host: options.hostName, auditKey: await auditKeyOf(vault),
  });
  store.onAudit((sequence) => events.auditAppended(sequence));
  const closing = new AbortController();
  const ends: (() => Promise<void> | void)[] = [() => store.close()];
  const close = async () => {
    closing.abort();
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const providers = createProviders({ userAgent: `SessionDesk/${options.version}`, ...options.providers });
    const connections = await Connections.open({ workspace: name, store, vault, providers, changed: () => events.connectionsChanged() });
    const registry = new Registry({ store, connections, providers, changed: (rows) => events.sessionsChanged(rows) });
    ends.push(() => registry.close());
    const cancellations = new Cancellations({
      store, connections, providers, operator: options.operator, random: Math.random,
      changed: (cancellation, session) => {
        events.cancellationChanged(cancellation);
        if (session) events.sessionsChanged([session]);
      },
    });
    if (name === 'practice') {
      const simulator = await startPractice(folder);
      ends.push(() => simulator.close());
      await furnishPractice(simulator, connections, registry);
    }
    ends.push(() => cancellations.close(closeLimitMs));
    await store.run('appendAudit', { action: 'workspace_opened', detail: `${name}, version ${options.version}` });
    void cancellations.recover().catch((error: unknown) => {
      options.log.error({ workspace: name, kind: error instanceof Error ? error.name : typeof error }, 'Interrupted cancellations could not all be read back');
    });
    return { name, store, vault, connections, registry, cancellations, closing: closing.signal, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The audit log's key, made at the first start. Without a keychain it lives for this run only, and the log's key id shows it. */
async function auditKeyOf(vault: Vault): Promise<Uint8Array> {
  const fresh = randomBytes(32);
  try {
    const kept = await vault.fetch(auditKeyAccount);
    if (kept !== null) return Buffer.from(kept, 'base64');
    await vault.put(auditKeyAccount, fresh.toString('base64'), true);
  } catch {
    // The desk's state says that there is no keychain; the record must go on all the same.
  }
  return fresh;
}
