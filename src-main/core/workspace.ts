import { join } from 'node:path';
import { startDelaySeconds, getErrorKind, isAppError, type AppError, type WorkspaceName } from '../contract/index.ts';
import { DisposableStore } from './async.ts';
import { AuditService, loadAuditKeyMaterial } from './audit/index.ts';
import { Batches, createBatchCircuitBreaker } from './batches/index.ts';
import { Cancellations } from './cancellation/index.ts';
import { Connections, SecretStore, type Keychain } from './connections/index.ts';
import { Feeds } from './feeds/index.ts';
import { Imports } from './import/index.ts';
import type { EventPublisher } from './event-publisher.ts';
import type { ConfirmInHost } from './host-confirmation.ts';
import { seedPracticeWorkspace, startPracticeSimulator } from './practice-workspace.ts';
import { ensurePrivateFolder } from './private-folder.ts';
import { RateLimiter, createRateLimitedProviders, RateLimitSettings, defaultRateLimits } from './rate-limit/index.ts';
import { createHttpClient, createProviders, type HttpClientOptions } from './providers/index.ts';
import {
  cleanUpInterruptedExports,
  ExportRunner,
  Exports,
  Refreshes,
  Sessions,
  SessionPoller,
} from './sessions/index.ts';
import { SettingsService } from './settings.ts';
import { Store, toAppError } from './store/index.ts';
import { DiagnosticsService, Removals, RestoreReviews, Backups } from './maintenance/index.ts';

/** Options that the host passes to `openApp`. */
export interface AppOptions {
  /** Contains one folder per workspace. Created with mode 0700 if it does not exist. */
  readonly dataFolder: string;
  /** The workspace to open first. */
  readonly workspace: WorkspaceName;
  /** The operator, e.g. the OS user name. */
  readonly operator: string;
  readonly hostName: string;
  readonly version: string;
  readonly keychain: Keychain;
  /** Entry file of the database worker thread: `store/worker.ts` in source, a separate bundle in a build. */
  readonly storeWorkerUrl: URL;
  /** Proxy resolution of the host, and timeouts that differ from the defaults. */
  readonly providers?: HttpClientOptions;
  /** Interval in milliseconds at which the status of watched sessions is checked; 30 s by default. */
  readonly pollIntervalMs?: number;
  /** Delay in milliseconds in which the operator can abort a confirmed batch; 5 s by default. */
  readonly startDelayMs?: number;
  /** Maximum time in milliseconds to record requests in progress when a workspace closes; 8 s by default. */
  readonly closeTimeoutMs?: number;
  /** Asks the operator outside the page. null in the browser host, which cannot: nothing is asked. */
  readonly confirmInHost: ConfirmInHost | null;
  readonly logger: Logger;
}

/** Structured log, one object per line. `fields` never contain a secret, a session id or a response body. */
export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** The services of one workspace (work or practice). Workspaces share no file, secret or connection. */
export type Workspace = Awaited<ReturnType<typeof openWorkspace>>;

/**
 * Opens a workspace and locks its folder. Throws what `openDatabase` throws. The status of cancellations that a crash
 * interrupted is checked in the background.
 */
export async function openWorkspace(
  name: WorkspaceName,
  options: AppOptions,
  events: EventPublisher,
  restoreFrom: string | null,
) {
  const folder = join(options.dataFolder, name);
  ensureDataFolder(options.dataFolder);
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
    onVerificationProgress: (progress) => events.publish('audit.verificationProgress', progress),
    onHeadWriteFailed: (error) => {
      const code = isAppError(error) ? error.code : 'unknown';
      options.logger.warn({ workspace: name, code }, 'The audit log head could not be stored in the keychain');
    },
  });
  const closing = new AbortController();
  const disposables = new DisposableStore();
  for (const end of [() => audit.close(), () => store.close(), () => audit.stop()]) disposables.add(end);
  const close = async () => {
    closing.abort();
    await disposables.dispose();
  };
  try {
    const settings = await SettingsService.open({
      store,
      osUser: options.operator,
      onChanged: (values) => events.publish('settings.changed', values),
    });
    const restoreReviews = await RestoreReviews.open(store);
    const assertMaySend = () => restoreReviews.assertMaySend();
    const { confirmInHost } = options;
    const providers = createProviders({ userAgent: `SessionDesk/${options.version}`, ...options.providers });
    const connections = await Connections.open({
      workspace: name,
      store,
      secretStore,
      providers,
      confirmInHost,
      closingSignal: closing.signal,
      assertMaySend,
      onChanged: () => events.publish('connections.changed', {}),
    });
    const circuitBreaker = createBatchCircuitBreaker();
    const rateLimiter = new RateLimiter((id) => defaultRateLimits(connections.get(id)));
    const rateLimits = new RateLimitSettings({ store, connections, rateLimiter, circuitBreaker });
    await rateLimits.recover();
    const interactiveProviders = createRateLimitedProviders(providers, rateLimiter, 'operator');
    const sessions = new Sessions({
      store,
      connections,
      providers: interactiveProviders,
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
    });
    disposables.add(() => sessions.close());
    const imports = new Imports({
      store,
      connections,
      providers,
      onSessionsChanged: () => events.sessionsChanged(null),
      onStateChanged: (state) => events.rowChanged('imports.changed', state.importId, state),
    });
    disposables.add(() => imports.close());
    const feeds = await Feeds.open({
      workspace: name,
      store,
      secretStore,
      connections,
      providers,
      random: Math.random,
      confirmInHost,
      assertMaySend,
      // A feed page is larger than any provider response.
      http: createHttpClient({
        userAgent: `SessionDesk/${options.version}`,
        ...options.providers,
        maxBodyBytes: 2_097_152,
      }),
      onSessionsChanged: () => events.sessionsChanged(null),
      onFeedsChanged: () => events.publish('feeds.changed', {}),
    });
    disposables.add(() => feeds.close());
    const backgroundProviders = createRateLimitedProviders(providers, rateLimiter, 'background');
    const refreshes = new Refreshes({
      store,
      connections,
      rateLimiter,
      providers: backgroundProviders,
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
      onStateChanged: (state) => events.rowChanged('refreshes.changed', state.refreshId, state),
    });
    disposables.add(() => refreshes.close());
    const polling = new SessionPoller({
      store,
      connections,
      rateLimiter,
      providers: backgroundProviders,
      intervalMs: options.pollIntervalMs ?? 30_000,
      random: Math.random,
      onSessionsChanged: (rows) => events.sessionsChanged(rows),
    });
    disposables.add(() => polling.close());
    const exportRunner = new ExportRunner({
      store,
      folder: join(folder, 'exports'),
      onStateChanged: (state) => events.rowChanged('exports.changed', state.exportId, state),
    });
    disposables.add(() => exportRunner.close());
    const cancellations = new Cancellations({
      store,
      connections,
      rateLimiter,
      providers,
      getOperator: () => settings.getOperator(),
      random: Math.random,
      onCancellationChanged: (cancellation, session) => {
        events.rowChanged('cancellations.changed', cancellation.id, cancellation);
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
      providers,
      getOperator: () => settings.getOperator(),
      host: options.hostName,
      confirmInHost,
      assertMaySend,
      isAuditKeyStored: keyMaterial.keySource !== 'temporary',
      getTypedCountThreshold: () => settings.get().typedCountThreshold,
      exportFiles: exportRunner,
      startDelayMs: options.startDelayMs ?? startDelaySeconds * 1_000,
      onBatchChanged: (batch) => events.rowChanged('batches.changed', batch.id, batch),
    });
    if (name === 'practice') {
      const simulator = await startPracticeSimulator(folder);
      disposables.add(() => simulator.close());
      await seedPracticeWorkspace(simulator, connections, sessions);
    }
    disposables.add(() => cancellations.close(options.closeTimeoutMs ?? 8_000));
    disposables.add(() => batches.close());
    await cleanUpInterruptedExports(store, join(folder, 'exports'));
    await store.run('appendAudit', {
      action: 'workspace_opened',
      detail: { kind: 'workspace', workspace: name, version: options.version },
    });
    await batches.recover();
    const checkInterrupted = async () => {
      await cancellations.recover().catch((error: unknown) => {
        const kind = getErrorKind(error);
        options.logger.error(
          { workspace: name, kind },
          'Some interrupted cancellations could not be checked with the provider',
        );
      });
      // Fails only if the workspace is closing.
      await batches.publishInterrupted().catch(() => undefined);
    };
    void checkInterrupted();
    const removals = new Removals({
      store,
      onChanged: (rows) => events.publish('removals.changed', { rows }),
      onSessionsChanged: () => events.sessionsChanged(null),
      onPurgeFailed: (error) => {
        const kind = getErrorKind(error);
        options.logger.error(
          { workspace: name, kind },
          'Removed sessions could not be deleted permanently after the undo period',
        );
      },
    });
    disposables.add(() => removals.close());
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
      exports: new Exports({ store, connections, exportRunner }),
      exportRunner,
      feeds,
      audit,
      settings,
      backups: new Backups(store, folder, options.confirmInHost ?? (() => Promise.resolve(true))),
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
      restoreReviews,
      /** Records the review; then requests start again. Throws restore_not_reviewed if the review is outdated. */
      completeRestoreReview: async (restoredSequence: number): Promise<void> => {
        await restoreReviews.complete(restoredSequence);
        void checkInterrupted();
      },
      /** Result of the deferred integrity check of a large database; null if no damage was found. */
      damage: findDamage(store),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Throws folder_not_private, folder_not_writable or disk_full. */
function ensureDataFolder(dataFolder: string): void {
  try {
    ensurePrivateFolder(dataFolder);
  } catch (error) {
    throw toAppError(error, dataFolder);
  }
}

async function findDamage(store: Store): Promise<AppError | null> {
  if (!store.isIntegrityCheckDeferred) return null;
  // Other errors, e.g. because the workspace was closed meanwhile, do not mean that the file is damaged.
  return await store.checkIntegrity().then(
    () => null,
    (error: unknown) => (isAppError(error) && error.code === 'database_damaged' ? error : null),
  );
}
