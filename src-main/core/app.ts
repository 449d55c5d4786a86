import { basename, join } from 'node:path';
import PQueue from 'p-queue';
import {
  AppError,
  createMessage,
  getErrorKind,
  isAppError,
  type AppState,
  type CoreEventName,
  type EventPayload,
  type CoreCallHandlers,
  type WorkspaceName,
} from '../contract/index.ts';
import { EventPublisher } from './event-publisher.ts';
import { createHandlers, failWhenWorkspaceCloses, type HandlerDependencies } from './handlers.ts';
import { requireConfirmation } from './host-confirmation.ts';
import { openWorkspace, type AppOptions, type Logger, type Workspace } from './workspace.ts';

export type { AppOptions, Logger };

/** The application without a user interface. A host binds its handlers, forwards its events and closes it at exit. */
export interface App {
  readonly handlers: CoreCallHandlers;
  on<Name extends CoreEventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
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

class SessionDeskApp implements App, HandlerDependencies {
  readonly handlers: CoreCallHandlers;
  readonly #options: AppOptions;
  readonly #events = new EventPublisher();
  #workspace: Workspace | null = null;
  #workspaceName: WorkspaceName;
  #workspaceError: AppState['workspaceError'] = null;
  /** Serializes opening and closing of workspaces. */
  readonly #queue = new PQueue({ concurrency: 1 });
  #isClosed = false;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#workspaceName = options.workspace;
    // `isFirstRun` and `keychain` may change with the connections, `operator` with the settings.
    for (const name of ['connections.changed', 'settings.changed'] as const)
      this.#events.on(name, () => {
        if (this.#workspace) void this.#publishState();
      });
    this.handlers = failWhenWorkspaceCloses(() => this.#workspace, createHandlers(this));
  }

  on<Name extends CoreEventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void {
    return this.#events.on(name, listener);
  }

  switchTo(name: WorkspaceName): Promise<AppState> {
    return this.#queue.add(async () => {
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
    return await this.#queue.add(async () => {
      await this.#reopen(this.#workspaceName, backup);
      const restoreError = this.#workspaceError;
      if (restoreError?.code === 'backup_invalid') await this.#reopen(this.#workspaceName, null);
      const state = await this.#publishState();
      if (restoreError?.code === 'backup_invalid') throw new AppError(restoreError.code, restoreError, restoreError);
      return state;
    });
  }

  async completeReview(restoredSequence: number): Promise<AppState> {
    await this.getWorkspace().completeRestoreReview(restoredSequence);
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
    return this.#queue.add(async () => {
      if (this.#workspace !== workspace) return;
      await this.#closeWorkspace();
      this.#setWorkspaceError(damage, damage);
      await this.#publishState();
    });
  }

  #setWorkspaceError(workspaceError: AppError, cause: unknown): void {
    this.#options.logger.warn(
      { workspace: this.#workspaceName, code: workspaceError.code, kind: getErrorKind(cause) },
      'The workspace could not be opened',
    );
    this.#workspaceError = workspaceError.toCallError();
  }

  async #publishState(): Promise<AppState> {
    const state = await this.getState();
    this.#events.publish('app.changed', state);
    return state;
  }

  close(): Promise<void> {
    return this.#queue.add(async () => {
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

  getWorkspace(): Workspace {
    if (this.#workspace) return this.#workspace;
    if (this.#workspaceError) throw new AppError(this.#workspaceError.code, this.#workspaceError, { retryable: true });
    throw new AppError('workspace_unavailable', createMessage('app.workspaceSwitching'), { retryable: true });
  }

  getWorkspaceFolder(): string {
    return join(this.#options.dataFolder, this.#workspaceName);
  }

  async getState(): Promise<AppState> {
    const { version, hostName, dataFolder } = this.#options;
    const workspace = this.#workspace;
    return {
      version,
      hostName,
      dataFolder,
      operator: workspace?.settings.getOperator() ?? this.#options.operator,
      workspace: this.#workspaceName,
      workspaceError: this.#workspaceError,
      keychain: workspace ? await workspace.secretStore.status() : 'unavailable',
      isRestoreReviewPending: workspace?.restoreReviews.isPending ?? false,
      isFirstRun: workspace !== null && workspace.connections.list().length === 0,
    };
  }
}

function unexpectedOpenError(folder: string): AppError {
  return new AppError('workspace_unavailable', createMessage('app.workspaceOpenFailed', { folder }), {
    retryable: true,
    details: { folder },
  });
}
