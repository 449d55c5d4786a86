import type { EventName, EventPayload, Handlers, WorkspaceName } from '../contract/index.ts';
import type { Keychain } from './connections/index.ts';

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
