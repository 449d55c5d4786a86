/** The screen's way to the desk: the preload's client in the Electron window, HTTP and server-sent events in a browser. */
import type { InjectionKey } from 'vue';
import type { CallName, CallOutput, ApiClient, Envelope, EventName, EventPayload } from './contract.ts';
import { events } from './contract.ts';

/** `unreachable`: nobody answers. `unauthorized`: somebody answers but does not know this window, e.g. a page opened without its code. */
export type HostStatus = 'connected' | 'unreachable' | 'unauthorized';

export interface HostClient extends ApiClient {
  /** Tells of every change of the link; the function it returns ends that. */
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
    // The window and its main process live and die together.
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

/** Somebody answers, but not this window: its cookie is another's, or none. */
function isUnauthorized(response: Response): boolean {
  return response.status === 401 || response.status === 403;
}

/** Why the event stream broke. A host that answers again is still `unreachable` until the stream stands. */
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

  /** Says what is wrong and begins anew: EventSource would not try again after a 401, and hides that it was one. */
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
