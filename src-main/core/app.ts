import { join } from 'node:path';
import {
  AppError,
  isAppError,
  type AppState,
  type EventName,
  type EventPayload,
  type CallHandlers,
  type Language,
  type WorkspaceName,
} from '../contract/index.ts';
import type { Keychain } from './connections/index.ts';
import { EventPublisher } from './event-publisher.ts';
import { createHandlers } from './handlers.ts';
import type { ProvidersOptions } from './providers/index.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** What a host hands to core at the start. */
export interface AppOptions {
  /** Where workspaces live, one folder each; made where it is missing, 0700. */
  readonly dataFolder: string;
  /** The workspace to open first. */
  readonly workspace: WorkspaceName;
  /** Who sits at the desk, e.g. the OS user name. */
  readonly operator: string;
  readonly hostName: string;
  readonly version: string;
  readonly keychain: Keychain;
  /** The file the database worker thread starts from: `store/worker.ts` in source, its own bundle when built. */
  readonly storeWorkerUrl: URL;
  /** How calls leave this machine: the host's proxy policy, and time limits other than the usual ones. */
  readonly providers?: ProvidersOptions;
  /** How often watched sessions are read again, in milliseconds; every 30 s by default. */
  readonly pollIntervalMs?: number;
  /** How long a confirmed batch waits to be called off, in milliseconds; five seconds by default. */
  readonly startDelayMs?: number;
  /** Told what the screen speaks, where the host has words of its own. */
  readonly onLanguageChanged?: (language: Language) => void;
  readonly logger: Logger;
}

/** Structured, one object a line; never given a secret, a session id or a provider's body. */
export interface Logger {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
}

/** The whole console without a screen: a host binds its handlers, forwards its events and closes it at the end. */
export interface App {
  readonly handlers: CallHandlers;
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  /** Lets what is in flight be recorded, then closes the database. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the desk. Never rejects for what an operator can mend: a workspace that cannot be opened is the state's `trouble`,
 * so that there is a screen to say it on.
 */
export async function openApp(options: AppOptions): Promise<App> {
  const app = new SessionDeskApp(options);
  await app.switchTo(options.workspace);
  return app;
}

class SessionDeskApp implements App {
  readonly handlers: CallHandlers;
  readonly #options: AppOptions;
  readonly #events = new EventPublisher();
  #workspace: Workspace | null = null;
  #workspaceName: WorkspaceName;
  #workspaceError: AppState['workspaceError'] = null;
  /** Openings and closings, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#workspaceName = options.workspace;
    // Whether this is a first run, and whether there is a keychain, may have changed with them.
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
        setLanguage: (language) => options.onLanguageChanged?.(language),
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

  /** Opens the workspace on a backup; one that is refused leaves it as it was. */
  restore(backup: string): Promise<AppState> {
    return this.#runExclusive(async () => {
      await this.#reopen(this.#workspaceName, backup);
      const refused = this.#workspaceError;
      if (refused?.code === 'backup_invalid') await this.#reopen(this.#workspaceName, null);
      const state = await this.#publishState();
      if (refused?.code === 'backup_invalid') throw new AppError(refused.code, refused.message, refused);
      return state;
    });
  }

  async #reopen(name: WorkspaceName, restoreFrom: string | null): Promise<void> {
    if (this.#isClosed) throw new AppError('workspace_unavailable', 'The console is closing.');
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

  /** What was found in a big file after it was opened is as good a reason not to write to it as before. */
  #closeDamagedWorkspace(workspace: Workspace, damage: AppError): Promise<void> {
    return this.#runExclusive(async () => {
      if (this.#workspace !== workspace) return;
      await this.#closeWorkspace();
      this.#setWorkspaceError(damage, damage);
      await this.#publishState();
    });
  }

  #setWorkspaceError(trouble: AppError, error: unknown): void {
    const kind = error instanceof Error ? error.name : typeof error;
    this.#options.logger.warn(
      { workspace: this.#workspaceName, code: trouble.code, kind },
      'The workspace could not be opened',
    );
    this.#workspaceError = trouble.toCallError();
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
    const { message, code } = this.#workspaceError ?? {
      message: 'The workspace is being opened or closed. Try again in a moment.',
      code: 'workspace_unavailable' as const,
    };
    throw new AppError(code, message, { retryable: true });
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
      isFirstRun: workspace !== null && workspace.connections.list().length === 0,
    };
  }

  #runExclusive<Value>(action: () => Promise<Value>): Promise<Value> {
    const turn = this.#queue.then(action);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

/** What is under way when its workspace is closed fails in many ways, all of which mean this one thing. */
function failWhenWorkspaceCloses(current: () => Workspace | null, handlers: CallHandlers): CallHandlers {
  type Handler = (input: unknown) => Promise<unknown>;
  return Object.fromEntries(
    (Object.entries(handlers) as [string, Handler][]).map(([name, handler]) => [
      name,
      async (input: unknown) => {
        const began = current();
        try {
          return await handler(input);
        } catch (error) {
          if (isAppError(error) || current() === began) throw error;
          throw new AppError('workspace_unavailable', 'The workspace was closed meanwhile. Try again.', {
            retryable: true,
          });
        }
      },
    ]),
  ) as CallHandlers;
}

function unexpectedOpenError(folder: string): AppError {
  return new AppError(
    'workspace_unavailable',
    `The workspace in ${folder} could not be opened, for a reason nobody foresaw. Nothing in it was changed; the log beside it says when. Try again, or restore a backup.`,
    { retryable: true, details: { folder } },
  );
}
