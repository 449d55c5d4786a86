/**
 * The renderer's connection to the host: the preload's client in Electron, HTTP and server-sent events in a browser.
 */
import type { InjectionKey } from 'vue';
import type { CallName, CallOutput, ApiClient, Envelope, EventName, EventPayload } from './contract.ts';
import { events } from './contract.ts';

/**
 * `unreachable`: the host does not respond. `unauthorized`: the host responds, but this page has no login session, e.g.
 * because it was opened without its code.
 */
export type HostStatus = 'connected' | 'unreachable' | 'unauthorized';

export interface HostClient extends ApiClient {
  /** Calls `listener` at every change of the status. Returns a function that removes the listener. */
  onStatusChange(listener: (status: HostStatus) => void): () => void;
}

export const apiClientKey: InjectionKey<HostClient> = Symbol('apiClient');

const reconnectDelayMs = 2_000;

export function createApiClient(): HostClient {
  return window.sessionDesk ? createPreloadClient(window.sessionDesk) : createHttpClient();
}

function createPreloadClient(client: ApiClient): HostClient {
  return {
    call: (name, input) => client.call(name, input),
    on: (name, listener) => client.on(name, listener),
    // The window closes with its main process: the status never changes.
    onStatusChange: () => () => {},
  };
}

function post(name: CallName, input: object): Promise<Response> {
  return fetch(`/call/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}

/** The cookie of this page is missing or belongs to another run of the host. */
function isUnauthorized(response: Response): boolean {
  return response.status === 401 || response.status === 403;
}

/** Why the event stream broke. A host that responds again stays `unreachable` until the stream is open. */
async function diagnoseDisconnect(): Promise<HostStatus> {
  try {
    return isUnauthorized(await post('app.state', {})) ? 'unauthorized' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}

function createHttpClient(): HostClient {
  const statusListeners = new Set<(status: HostStatus) => void>();
  const eventListeners = new Map<string, Set<(payload: never) => void>>();
  let status: HostStatus = 'connected';
  let source: EventSource | undefined;

  const setStatus = (next: HostStatus): void => {
    if (next === status) return;
    status = next;
    for (const listener of statusListeners) listener(next);
  };

  /**
   * Sets the status and opens a new stream: EventSource does not reconnect after a 401 and does not report the code.
   */
  const recover = async (): Promise<void> => {
    if (!source) return;
    source.close();
    source = undefined;
    setStatus(await diagnoseDisconnect());
    setTimeout(listen, reconnectDelayMs);
  };

  const listen = (): void => {
    source = new EventSource('/events');
    source.onopen = () => setStatus('connected');
    source.onerror = () => void recover();
    for (const name of Object.keys(events)) {
      source.addEventListener(name, (message: MessageEvent<string>) => {
        const payload: unknown = JSON.parse(message.data);
        for (const listener of eventListeners.get(name) ?? []) listener(payload as never);
      });
    }
  };
  listen();

  return {
    async call<Name extends CallName>(name: Name, input: object): Promise<Envelope<CallOutput<Name>>> {
      try {
        const response = await post(name, input);
        if (isUnauthorized(response)) void recover();
        return (await response.json()) as Envelope<CallOutput<Name>>;
      } catch (reason) {
        void recover();
        throw reason;
      }
    },
    on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void {
      const listeners = eventListeners.get(name) ?? new Set();
      eventListeners.set(name, listeners.add(listener));
      return () => listeners.delete(listener);
    },
    onStatusChange(listener) {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
  };
}
