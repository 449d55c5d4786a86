/**
 * The renderer's interface to the main process. The preload and the browser host's client implement it. Imports only
 * types, so that the preload bundles no zod.
 */
import type { CallInput, CallName, CallOutput } from './calls.ts';
import type { Envelope } from './errors.ts';
import type { EventName, EventPayload } from './events.ts';
import type { WindowEventName } from './host.ts';

export interface ApiClient {
  /** Resolves with `{ ok: false }` if the call fails. Rejects only if the host does not respond. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  /** Adds a listener. Returns a function that removes it. */
  on<Name extends EventName | WindowEventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
}

/** The IPC channels between renderer and main process. */
export const callChannel = 'app:call';
export const eventChannel = 'app:event';
