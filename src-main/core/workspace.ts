import { join } from 'node:path';
import { startDelaySeconds, isAppError, type AppError, type WorkspaceName } from '../contract/index.ts';
import { AuditService, loadAuditKeyMaterial } from './audit/index.ts';
import { Batches, CircuitBreaker } from './batches/index.ts';
import { Cancellations } from './cancellation/index.ts';
import { Connections, SecretStore } from './connections/index.ts';
import { Feeds } from './feeds/index.ts';
import { Imports } from './import/index.ts';
import type { AppOptions } from './app.ts';
import type { EventPublisher } from './event-publisher.ts';
import { seedPracticeWorkspace, startPracticeSimulator } from './practice-workspace.ts';
import { RateLimiter, createRateLimitedProviders, RateLimitSettings, defaultRateLimits } from './rate-limit/index.ts';
import { createHttpClient, createProviders } from './providers/index.ts';
import {
  cleanUpInterruptedExports,
  ExportRunner,
  Exports,
  Refreshes,
  Sessions,
  SessionPoller,
} from './sessions/index.ts';
import { SettingsService } from './settings/index.ts';
import { Store } from './store/index.ts';
import { DiagnosticsService, Removals, Backups } from './maintenance/index.ts';

/** How long what is in flight may take to be recorded when a workspace is closed. */
const closeTimeoutMs = 8_000;

/** Everything that works on one record: real work, or practice. They share no file, no secret and no connection. */
export interface Workspace {
  readonly name: WorkspaceName;
  readonly store: Store;
  readonly secretStore: SecretStore;
  readonly connections: Connections;
  readonly sessions: Sessions;
  readonly cancellations: Cancellations;
  readonly batches: Batches;
  readonly rateLimits: RateLimitSettings;
  readonly imports: Imports;
  readonly feeds: Feeds;
  readonly refreshes: Refreshes;
  readonly polling: SessionPoller;
  readonly exports: Exports;
  readonly audit: AuditService;
  readonly backups: Backups;
  readonly removals: Removals;
  readonly settings: SettingsService;
  readonly diagnostics: DiagnosticsService;
  /** Of a file too big to be looked through before it was opened: what was found since; null where it is sound. */
  readonly damage: Promise<AppError | null>;
  /** Aborted as the workspace closes. */
  readonly closingSignal: AbortSignal;
  close(): Promise<void>;
}

/** Opens a workspace, alone on its folder; throws what `openDatabase` throws. What a crash left behind is read back in the background. */
export async function openWorkspace(
  name: WorkspaceName,
  options: AppOptions,
  events: EventPublisher,
  restoreFrom: string | null,
): Promise<Workspace> {
  const folder = join(options.dataFolder, name);
  const secretStore = new SecretStore(name, name === 'practice' ? null : options.keychain);
  const keyMaterial = await loadAuditKeyMaterial(secretStore, folder);
  const store = await Store.open(options.storeWorkerUrl, {
    folder,
    operator: options.operator,
    host: options.hostName,
    restoreFrom,
    auditKey: keyMaterial.key,
    auditKeySource: keyMaterial.keySource,
    auditHead: keyMaterial.head,
  });
  const audit = new AuditService({
    store,
    keyMaterial,
    folder,
    onAppended: (sequence) => events.auditAppended(sequence),
    onVerificationProgress: (progress) => events.verificationProgressed(progress),
    onHeadWriteFailed: (error) => {
      const code = isAppError(error) ? error.code : 'unknown';
      options.logger.warn({ workspace: name, code }, 'The keychain did not take the head of the audit log');
    },
  });
  const closing = new AbortController();
  const ends: (() => Promise<void> | void)[] = [() => audit.close(), () => store.close(), () => audit.stop()];
  const close = async () => {
    closing.abort();
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const settings = await SettingsService.open({
      store,
      osUser: options.operator,
      onChanged: (now) => events.settingsChanged(now),
    });
    const providers = createProviders({ userAgent: `SessionDesk/${options.version}`, ...options.providers });
    const connections = await Connections.open({
      workspace: name,
      store,
      secretStore,
      providers,
      onChanged: () => events.connectionsChanged(),
    });
    const circuitBreaker = new CircuitBreaker();
    const rateLimiter = new RateLimiter((id) => defaultRateLimits(connections.get(id)));
    const rateLimits = new RateLimitSettings({
      store,
      connections,
      rateLimiter,
      getIssue: (id) => circuitBreaker.getIssue(id),
    });
    await rateLimits.recover();
    const operatorFirst = createRateLimitedProviders(providers, rateLimiter, 'operator');
    const sessions = new Sessions({
      store,
      connections,
      providers: operatorFirst,
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
    });
    ends.push(() => sessions.close());
    const imports = new Imports({
      store,
      connections,
      providers,
      onSessionsChanged: () => events.sessionsChanged(null),
      onStateChanged: (state) => events.importChanged(state),
    });
    ends.push(() => imports.close());
    const feeds = await Feeds.open({
      workspace: name,
      store,
      secretStore,
      connections,
      providers,
      random: Math.random,
      // A page is longer than any provider's answer.
      http: createHttpClient({
        userAgent: `SessionDesk/${options.version}`,
        ...options.providers,
        maxBodyBytes: 2_097_152,
      }),
      onSessionsChanged: () => events.sessionsChanged(null),
      onFeedsChanged: () => events.feedsChanged(),
    });
    ends.push(() => feeds.close());
    const inBackground = createRateLimitedProviders(providers, rateLimiter, 'background');
    const refreshes = new Refreshes({
      store,
      connections,
      rateLimiter,
      providers: inBackground,
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
      onStateChanged: (state) => events.refreshChanged(state),
    });
    ends.push(() => refreshes.close());
    const polling = new SessionPoller({
      store,
      connections,
      rateLimiter,
      providers: inBackground,
      intervalMs: options.pollIntervalMs ?? 30_000,
      random: Math.random,
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
    });
    ends.push(() => polling.close());
    const exportRunner = new ExportRunner({
      store,
      folder: join(folder, 'exports'),
      onStateChanged: (state) => events.exportChanged(state),
    });
    const exports = new Exports({ store, connections, exportRunner });
    ends.push(() => exportRunner.close());
    const cancellations = new Cancellations({
      store,
      connections,
      providers: operatorFirst,
      get operator() {
        return settings.operator;
      },
      random: Math.random,
      onCancellationChanged: (cancellation, session) => {
        events.cancellationChanged(cancellation);
        if (session) events.sessionsChanged([session]);
      },
    });
    const batches = new Batches({
      store,
      connections,
      cancellations,
      refreshes,
      rateLimiter,
      circuitBreaker,
      providers: createRateLimitedProviders(providers, rateLimiter, 'scheduled_by_caller'),
      get operator() {
        return settings.operator;
      },
      host: options.hostName,
      getTypedCountThreshold: () => settings.view.typedCountThreshold,
      exportFiles: exportRunner,
      startDelayMs: options.startDelayMs ?? startDelaySeconds * 1_000,
      onBatchChanged: (batch) => events.batchChanged(batch),
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
    });
    if (name === 'practice') {
      const simulator = await startPracticeSimulator(folder);
      ends.push(() => simulator.close());
      await seedPracticeWorkspace(simulator, connections, sessions);
    }
    ends.push(() => cancellations.close(closeTimeoutMs));
    ends.push(() => batches.close());
    await cleanUpInterruptedExports(store, join(folder, 'exports'));
    await store.run('appendAudit', { action: 'workspace_opened', detail: `${name}, version ${options.version}` });
    await batches.recover();
    void cancellations.recover().catch((error: unknown) => {
      const kind = error instanceof Error ? error.name : typeof error;
      options.logger.error({ workspace: name, kind }, 'Interrupted cancellations could not all be read back');
    });
    const removals = new Removals({
      store,
      onChanged: (now) => events.removalsChanged(now),
      onSessionsChanged: () => events.sessionsChanged(null),
      onPurgeFailed: (error) => {
        const kind = error instanceof Error ? error.name : typeof error;
        options.logger.error({ workspace: name, kind }, 'Removed sessions whose day is over could not be forgotten');
      },
    });
    ends.push(() => removals.close());
    return {
      name,
      store,
      secretStore,
      connections,
      sessions,
      cancellations,
      batches,
      rateLimits,
      imports,
      refreshes,
      polling,
      exports,
      feeds,
      audit,
      settings,
      backups: new Backups(store, folder),
      removals,
      diagnostics: new DiagnosticsService({
        store,
        connections,
        folder,
        dataFolder: options.dataFolder,
        version: options.version,
        workspace: name,
        getKeychainStatus: () => secretStore.status(),
      }),
      damage: findDamage(store),
      closingSignal: closing.signal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function findDamage(store: Store): Promise<AppError | null> {
  if (!store.isIntegrityCheckDeferred) return null;
  // Anything else than damage, such as a workspace that was closed meanwhile, says nothing about the file.
  return await store.checkIntegrity().then(
    () => null,
    (error: unknown) => (isAppError(error) && error.code === 'database_damaged' ? error : null),
  );
}
