import { join } from 'node:path';
import {
  DeskError,
  isDeskError,
  type DeskState,
  type EventName,
  type EventPayload,
  type Handlers,
  type Language,
  type WorkspaceName,
} from '../contract/index.ts';
import type { Keychain } from './connections/index.ts';
import { Events } from './event-publisher.ts';
import { handlersFor } from './handlers.ts';
import type { ProvidersOptions } from './providers/index.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** What a host hands to core at the start. */
export interface DeskOptions {
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
  readonly storeWorker: URL;
  /** How calls leave this machine: the host's proxy policy, and time limits other than the usual ones. */
  readonly providers?: ProvidersOptions;
  /** How often watched sessions are read again, in milliseconds; every 30 s by default. */
  readonly watchEveryMs?: number;
  /** How long a confirmed batch waits to be called off, in milliseconds; five seconds by default. */
  readonly armedMs?: number;
  /** Told what the screen speaks, where the host has words of its own. */
  readonly speak?: (language: Language) => void;
  readonly log: Log;
}

/** Structured, one object a line; never given a secret, a session id or a provider's body. */
export interface Log {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
}

/** The whole console without a screen: a host binds its handlers, forwards its events and closes it at the end. */
export interface Desk {
  readonly handlers: Handlers;
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  /** Lets what is in flight be recorded, then closes the database. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the desk. Never rejects for what an operator can mend: a workspace that cannot be opened is the state's `trouble`,
 * so that there is a screen to say it on.
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const desk = new OpenDesk(options);
  await desk.switchTo(options.workspace);
  return desk;
}

class OpenDesk implements Desk {
  readonly handlers: Handlers;
  readonly #options: DeskOptions;
  readonly #events = new Events();
  #workspace: Workspace | null = null;
  #name: WorkspaceName;
  #trouble: DeskState['trouble'] = null;
  /** Openings and closings, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#name = options.workspace;
    // Whether this is a first run, and whether there is a keychain, may have changed with them.
    this.#events.on('connections.changed', () => {
      if (this.#workspace) void this.#tellState();
    });
    this.#events.on('settings.changed', () => {
      if (this.#workspace) void this.#tellState();
    });
    this.handlers = outliving(
      () => this.#workspace,
      handlersFor({
        workspace: () => this.#open(),
        state: () => this.#state(),
        switchTo: (name) => this.switchTo(name),
        folder: () => join(options.dataFolder, this.#name),
        restore: (backup) => this.restore(backup),
        speak: (language) => options.speak?.(language),
      }),
    );
  }

  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void {
    return this.#events.on(name, listener);
  }

  switchTo(name: WorkspaceName): Promise<DeskState> {
    return this.#inTurn(async () => {
      if (this.#workspace?.name !== name) await this.#reopen(name, null);
      return await this.#tellState();
    });
  }

  /** Opens the workspace on a backup; one that is refused leaves it as it was. */
  restore(backup: string): Promise<DeskState> {
    return this.#inTurn(async () => {
      await this.#reopen(this.#name, backup);
      const refused = this.#trouble;
      if (refused?.code === 'backup_refused') await this.#reopen(this.#name, null);
      const state = await this.#tellState();
      if (refused?.code === 'backup_refused') throw new DeskError(refused.code, refused.message, refused);
      return state;
    });
  }

  async #reopen(name: WorkspaceName, restoreFrom: string | null): Promise<void> {
    if (this.#closed) throw new DeskError('workspace_unavailable', 'The console is closing.');
    await this.#closeWorkspace();
    this.#name = name;
    this.#trouble = null;
    try {
      const workspace = await openWorkspace(name, this.#options, this.#events, restoreFrom);
      this.#workspace = workspace;
      void workspace.damage.then((damage) => damage && this.#giveUp(workspace, damage));
    } catch (error) {
      this.#say(isDeskError(error) ? error : unforeseen(this.#options.dataFolder), error);
    }
  }

  /** What was found in a big file after it was opened is as good a reason not to write to it as before. */
  #giveUp(workspace: Workspace, damage: DeskError): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#workspace !== workspace) return;
      await this.#closeWorkspace();
      this.#say(damage, damage);
      await this.#tellState();
    });
  }

  #say(trouble: DeskError, error: unknown): void {
    const kind = error instanceof Error ? error.name : typeof error;
    this.#options.log.warn({ workspace: this.#name, code: trouble.code, kind }, 'The workspace could not be opened');
    this.#trouble = trouble.toCallError();
  }

  async #tellState(): Promise<DeskState> {
    const state = await this.#state();
    this.#events.deskChanged(state);
    return state;
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#closed = true;
      await this.#closeWorkspace();
    });
  }

  async #closeWorkspace(): Promise<void> {
    const workspace = this.#workspace;
    this.#workspace = null;
    await workspace?.close();
    this.#events.forget();
  }

  #open(): Workspace {
    if (this.#workspace) return this.#workspace;
    const { message, code } = this.#trouble ?? {
      message: 'The workspace is being opened or closed. Try again in a moment.',
      code: 'workspace_unavailable' as const,
    };
    throw new DeskError(code, message, { retryable: true });
  }

  async #state(): Promise<DeskState> {
    const { version, hostName, dataFolder } = this.#options;
    const workspace = this.#workspace;
    return {
      version,
      hostName,
      dataFolder,
      operator: workspace?.settings.operator ?? this.#options.operator,
      workspace: this.#name,
      trouble: this.#trouble,
      keychain: workspace ? await workspace.vault.status() : 'unavailable',
      firstRun: workspace !== null && workspace.connections.list().length === 0,
    };
  }

  #inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const turn = this.#turn.then(action);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** What is under way when its workspace is closed fails in many ways, all of which mean this one thing. */
function outliving(current: () => Workspace | null, handlers: Handlers): Handlers {
  type Handler = (input: unknown) => Promise<unknown>;
  return Object.fromEntries(
    (Object.entries(handlers) as [string, Handler][]).map(([name, handler]) => [
      name,
      async (input: unknown) => {
        const began = current();
        try {
          return await handler(input);
        } catch (error) {
          if (isDeskError(error) || current() === began) throw error;
          throw new DeskError('workspace_unavailable', 'The workspace was closed meanwhile. Try again.', {
            retryable: true,
          });
        }
      },
    ]),
  ) as Handlers;
}

function unforeseen(folder: string): DeskError {
  return new DeskError(
    'workspace_unavailable',
    `The workspace in ${folder} could not be opened, for a reason nobody foresaw. Nothing in it was changed; the log beside it says when. Try again, or restore a backup.`,
    { retryable: true, details: { folder } },
  );
}
