import { join } from 'node:path';
import { armedSeconds, isDeskError, type DeskError, type WorkspaceName } from '../contract/index.ts';
import { Audit, auditKeeping } from './audit/index.ts';
import { Batches, Brakes } from './batches/index.ts';
import { Cancellations } from './cancellation/index.ts';
import { Connections, Vault } from './connections/index.ts';
import { Feeds } from './feeds/index.ts';
import { Imports } from './import/index.ts';
import type { DeskOptions } from './app.ts';
import type { Events } from './event-publisher.ts';
import { furnishPractice, startPractice } from './practice-workspace.ts';
import { Pace, pacedProviders, Paces, usualLimits } from './rate-limit/index.ts';
import { createHttp, createProviders } from './providers/index.ts';
import { clearLeftovers, ExportFiles, Exports, Refreshes, Registry, Watching } from './sessions/index.ts';
import { Settings } from './settings/index.ts';
import { Store } from './store/index.ts';
import { Diagnostics, Removals, Upkeep } from './maintenance/index.ts';

/** How long what is in flight may take to be recorded when a workspace is closed. */
const closeLimitMs = 8_000;

/** Everything that works on one record: real work, or practice. They share no file, no secret and no connection. */
export interface Workspace {
  readonly name: WorkspaceName;
  readonly store: Store;
  readonly vault: Vault;
  readonly connections: Connections;
  readonly registry: Registry;
  readonly cancellations: Cancellations;
  readonly batches: Batches;
  readonly paces: Paces;
  readonly imports: Imports;
  readonly feeds: Feeds;
  readonly refreshes: Refreshes;
  readonly watching: Watching;
  readonly exports: Exports;
  readonly audit: Audit;
  readonly upkeep: Upkeep;
  readonly removals: Removals;
  readonly settings: Settings;
  readonly diagnostics: Diagnostics;
  /** Of a file too big to be looked through before it was opened: what was found since; null where it is sound. */
  readonly damage: Promise<DeskError | null>;
  /** Aborted as the workspace closes. */
  readonly closing: AbortSignal;
  close(): Promise<void>;
}

/** Opens a workspace, alone on its folder; throws what `openDatabase` throws. What a crash left behind is read back in the background. */
export async function openWorkspace(
  name: WorkspaceName,
  options: DeskOptions,
  events: Events,
  restoreFrom: string | null,
): Promise<Workspace> {
  const folder = join(options.dataFolder, name);
  const vault = new Vault(name, name === 'practice' ? null : options.keychain);
  const keeping = await auditKeeping(vault, folder);
  const store = await Store.open(options.storeWorker, {
    folder,
    operator: options.operator,
    host: options.hostName,
    restoreFrom,
    auditKey: keeping.key,
    auditKeyPlace: keeping.place,
    auditHead: keeping.head,
  });
  const audit = new Audit({
    store,
    keeping,
    folder,
    appended: (sequence) => events.auditAppended(sequence),
    verifying: (progress) => events.auditVerifying(progress),
    headNotKept: (error) => {
      const code = isDeskError(error) ? error.code : 'unknown';
      options.log.warn({ workspace: name, code }, 'The keychain did not take the head of the audit log');
    },
  });
  const closing = new AbortController();
  const ends: (() => Promise<void> | void)[] = [() => audit.close(), () => store.close(), () => audit.stop()];
  const close = async () => {
    closing.abort();
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const settings = await Settings.open({
      store,
      user: options.operator,
      changed: (now) => events.settingsChanged(now),
    });
    const providers = createProviders({ userAgent: `SessionDesk/${options.version}`, ...options.providers });
    const connections = await Connections.open({
      workspace: name,
      store,
      vault,
      providers,
      changed: () => events.connectionsChanged(),
    });
    const brakes = new Brakes();
    const pace = new Pace((id) => usualLimits(connections.get(id)));
    const paces = new Paces({ store, connections, pace, trouble: (id) => brakes.trouble(id) });
    await paces.recover();
    const operatorFirst = pacedProviders(providers, pace, 'operator');
    const registry = new Registry({
      store,
      connections,
      providers: operatorFirst,
      changed: (rows) => events.sessionsChanged(rows),
    });
    ends.push(() => registry.close());
    const imports = new Imports({
      store,
      connections,
      providers,
      tracked: () => events.sessionsChanged(null),
      changed: (state) => events.importChanged(state),
    });
    ends.push(() => imports.close());
    const feeds = await Feeds.open({
      workspace: name,
      store,
      vault,
      connections,
      providers,
      random: Math.random,
      // A page is longer than any provider's answer.
      http: createHttp({ userAgent: `SessionDesk/${options.version}`, ...options.providers, maxBodyBytes: 2_097_152 }),
      tracked: () => events.sessionsChanged(null),
      changed: () => events.feedsChanged(),
    });
    ends.push(() => feeds.close());
    const inBackground = pacedProviders(providers, pace, 'background');
    const refreshes = new Refreshes({
      store,
      connections,
      pace,
      providers: inBackground,
      tracked: (rows) => events.sessionsChanged(rows),
      changed: (state) => events.refreshChanged(state),
    });
    ends.push(() => refreshes.close());
    const watching = new Watching({
      store,
      connections,
      pace,
      providers: inBackground,
      everyMs: options.watchEveryMs ?? 30_000,
      random: Math.random,
      tracked: (rows) => events.sessionsChanged(rows),
    });
    ends.push(() => watching.close());
    const files = new ExportFiles({
      store,
      folder: join(folder, 'exports'),
      changed: (state) => events.exportChanged(state),
    });
    const exports = new Exports({ store, connections, files });
    ends.push(() => files.close());
    const cancellations = new Cancellations({
      store,
      connections,
      providers: operatorFirst,
      get operator() {
        return settings.operator;
      },
      random: Math.random,
      changed: (cancellation, session) => {
        events.cancellationChanged(cancellation);
        if (session) events.sessionsChanged([session]);
      },
    });
    const batches = new Batches({
      store,
      connections,
      cancellations,
      refreshes,
      pace,
      brakes,
      providers: pacedProviders(providers, pace, 'taken'),
      get operator() {
        return settings.operator;
      },
      host: options.hostName,
      countAbove: () => settings.view.countAbove,
      files,
      armedMs: options.armedMs ?? armedSeconds * 1_000,
      changed: (batch) => events.batchChanged(batch),
      tracked: (rows) => events.sessionsChanged(rows),
    });
    if (name === 'practice') {
      const simulator = await startPractice(folder);
      ends.push(() => simulator.close());
      await furnishPractice(simulator, connections, registry);
    }
    ends.push(() => cancellations.close(closeLimitMs));
    ends.push(() => batches.close());
    await clearLeftovers(store, join(folder, 'exports'));
    await store.run('appendAudit', { action: 'workspace_opened', detail: `${name}, version ${options.version}` });
    await batches.recover();
    void cancellations.recover().catch((error: unknown) => {
      const kind = error instanceof Error ? error.name : typeof error;
      options.log.error({ workspace: name, kind }, 'Interrupted cancellations could not all be read back');
    });
    const removals = new Removals({
      store,
      changed: (now) => events.removalsChanged(now),
      tracked: () => events.sessionsChanged(null),
      notForgotten: (error) => {
        const kind = error instanceof Error ? error.name : typeof error;
        options.log.error({ workspace: name, kind }, 'Removed sessions whose day is over could not be forgotten');
      },
    });
    ends.push(() => removals.close());
    return {
      name,
      store,
      vault,
      connections,
      registry,
      cancellations,
      batches,
      paces,
      imports,
      refreshes,
      watching,
      exports,
      feeds,
      audit,
      settings,
      upkeep: new Upkeep(store, folder),
      removals,
      diagnostics: new Diagnostics({
        store,
        connections,
        folder,
        dataFolder: options.dataFolder,
        version: options.version,
        workspace: name,
        keychain: () => vault.status(),
      }),
      damage: damageOf(store),
      closing: closing.signal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function damageOf(store: Store): Promise<DeskError | null> {
  if (!store.isBig) return null;
  // Anything else than damage, such as a workspace that was closed meanwhile, says nothing about the file.
  return await store.checkFile().then(
    () => null,
    (error: unknown) => (isDeskError(error) && error.code === 'database_damaged' ? error : null),
  );
}
