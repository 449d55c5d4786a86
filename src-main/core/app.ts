import { basename, join } from 'node:path';
import {
  AppError,
  createMessage,
  isAppError,
  type AppState,
  type EventName,
  type EventPayload,
  type CoreHandlers,
  type WorkspaceName,
} from '../contract/index.ts';
import type { Keychain } from './connections/index.ts';
import { EventPublisher } from './event-publisher.ts';
import { createHandlers } from './handlers.ts';
import { requireConfirmation, type ConfirmInHost } from './host-confirmation.ts';
import type { ProvidersOptions } from './providers/index.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

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
  readonly providers?: ProvidersOptions;
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

/** The application without a user interface. A host binds its handlers, forwards its events and closes it at exit. */
export interface App {
  readonly handlers: CoreHandlers;
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  /** Records requests in progress, then closes the database. Can be called more than once. */
  close(): Promise<void>;
}

/**
 * Opens the application. Does not reject if the workspace cannot be opened: the state then holds `workspaceError`, so
 * that the renderer can show it.
 */
export async function openApp(options: AppOptions): Promise<App> {
  const app = new SessionDeskApp(options);
  await app.switchTo(options.workspace);
  return app;
}

class SessionDeskApp implements App {
  readonly handlers: CoreHandlers;
  readonly #options: AppOptions;
  readonly #events = new EventPublisher();
  #workspace: Workspace | null = null;
  #workspaceName: WorkspaceName;
  #workspaceError: AppState['workspaceError'] = null;
  /** Serializes opening and closing of workspaces. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#workspaceName = options.workspace;
    // `isFirstRun` and `keychain` may change with the connections.
    this.#events.on('connections.changed', () => {
      if (this.#workspace) void this.#publishState();
    });
    this.#events.on('settings.changed', () => {
      if (this.#workspace) void this.#publishState();
    });
    this.handlers = failWhenWorkspaceCloses(
      () => this.#workspace,
      createHandlers({
        getWorkspace: () => this.#requireWorkspace(),
        getState: () => this.#buildState(),
        switchTo: (name) => this.switchTo(name),
        getWorkspaceFolder: () => join(options.dataFolder, this.#workspaceName),
        restore: (backup) => this.restore(backup),
        completeReview: (restoredSequence) => this.completeReview(restoredSequence),
      }),
    );
  }

  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void {
    return this.#events.on(name, listener);
  }

  switchTo(name: WorkspaceName): Promise<AppState> {
    return this.#runExclusive(async () => {
      if (this.#workspace?.name !== name) await this.#reopen(name, null);
      return await this.#publishState();
    });
  }

  /**
   * Replaces the database with a backup. An invalid backup leaves the database unchanged. Throws confirmation_declined
   * or backup_invalid.
   */
  async restore(backup: string): Promise<AppState> {
    const { confirmInHost } = this.#options;
    await requireConfirmation(confirmInHost, { kind: 'restore_backup', name: basename(backup) });
    return await this.#runExclusive(async () => {
      await this.#reopen(this.#workspaceName, backup);
      const restoreError = this.#workspaceError;
      if (restoreError?.code === 'backup_invalid') await this.#reopen(this.#workspaceName, null);
      const state = await this.#publishState();
      if (restoreError?.code === 'backup_invalid') throw new AppError(restoreError.code, restoreError, restoreError);
      return state;
    });
  }

  async completeReview(restoredSequence: number): Promise<AppState> {
    await this.#requireWorkspace().completeRestoreReview(restoredSequence);
    return await this.#publishState();
  }

  async #reopen(name: WorkspaceName, restoreFrom: string | null): Promise<void> {
    if (this.#isClosed) throw new AppError('workspace_unavailable', createMessage('app.closing'));
    await this.#closeWorkspace();
    this.#workspaceName = name;
    this.#workspaceError = null;
    try {
      const workspace = await openWorkspace(name, this.#options, this.#events, restoreFrom);
      this.#workspace = workspace;
      void workspace.damage.then((damage) => damage && this.#closeDamagedWorkspace(workspace, damage));
    } catch (error) {
      this.#setWorkspaceError(isAppError(error) ? error : unexpectedOpenError(this.#options.dataFolder), error);
    }
  }

  /** Closes a workspace whose database was found damaged after it was opened, so that nothing is written to it. */
  #closeDamagedWorkspace(workspace: Workspace, damage: AppError): Promise<void> {
    return this.#runExclusive(async () => {
      if (this.#workspace !== workspace) return;
      await this.#closeWorkspace();
      this.#setWorkspaceError(damage, damage);
      await this.#publishState();
    });
  }

  #setWorkspaceError(workspaceError: AppError, cause: unknown): void {
    const kind = cause instanceof Error ? cause.name : typeof cause;
    this.#options.logger.warn(
      { workspace: this.#workspaceName, code: workspaceError.code, kind },
      'The workspace could not be opened',
    );
    this.#workspaceError = workspaceError.toCallError();
  }

  async #publishState(): Promise<AppState> {
    const state = await this.#buildState();
    this.#events.appStateChanged(state);
    return state;
  }

  close(): Promise<void> {
    return this.#runExclusive(async () => {
      this.#isClosed = true;
      await this.#closeWorkspace();
    });
  }

  async #closeWorkspace(): Promise<void> {
    const workspace = this.#workspace;
    this.#workspace = null;
    await workspace?.close();
    this.#events.clear();
  }

  #requireWorkspace(): Workspace {
    if (this.#workspace) return this.#workspace;
    if (this.#workspaceError) throw new AppError(this.#workspaceError.code, this.#workspaceError, { retryable: true });
    throw new AppError('workspace_unavailable', createMessage('app.workspaceSwitching'), { retryable: true });
  }

  async #buildState(): Promise<AppState> {
    const { version, hostName, dataFolder } = this.#options;
    const workspace = this.#workspace;
    return {
      version,
      hostName,
      dataFolder,
      operator: workspace?.settings.operator ?? this.#options.operator,
      workspace: this.#workspaceName,
      workspaceError: this.#workspaceError,
      keychain: workspace ? await workspace.secretStore.status() : 'unavailable',
      isRestoreReviewPending: workspace?.isRestoreReviewPending ?? false,
      isFirstRun: workspace !== null && workspace.connections.list().length === 0,
    };
  }

  #runExclusive<Value>(action: () => Promise<Value>): Promise<Value> {
    const result = this.#queue.then(action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/**
 * Wraps the handlers: a call that fails because its workspace was closed meanwhile rejects with workspace_unavailable.
 */
function failWhenWorkspaceCloses(current: () => Workspace | null, handlers: CoreHandlers): CoreHandlers {
  type Handler = (input: unknown) => Promise<unknown>;
  return Object.fromEntries(
    (Object.entries(handlers) as [string, Handler][]).map(([name, handler]) => [
      name,
      async (input: unknown) => {
        const workspace = current();
        try {
          return await handler(input);
        } catch (error) {
          if (isAppError(error) || current() === workspace) throw error;
          throw new AppError('workspace_unavailable', createMessage('app.workspaceClosed'), { retryable: true });
        }
      },
    ]),
  ) as CoreHandlers;
}

function unexpectedOpenError(folder: string): AppError {
  return new AppError('workspace_unavailable', createMessage('app.workspaceOpenFailed', { folder }), {
    retryable: true,
    details: { folder },
  });
}
