/**
 * The renderer's connection to the host: the preload's client in Electron, HTTP and server-sent events in a browser.
 */
import type { InjectionKey } from 'vue';
import type { CallName, CallOutput, ApiClient, Envelope } from './contract.ts';

/**
 * `unreachable`: the host does not respond. `unauthorized`: the host responds, but this page has no login session, e.g.
 * because it was opened without its code.
 */
export type HostStatus = 'connected' | 'unreachable' | 'unauthorized';

export interface HostClient extends ApiClient {
  /** The window of Electron, or a page in a browser. */
  readonly kind: 'window' | 'browser';
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
    ...client,
    kind: 'window',
    // The window closes with its main process: the status never changes.
    onStatusChange: () => () => {},
  };
}

/** The token of the login, which the login page has stored for this tab. */
const tokenHeaders = (): Record<string, string> => ({
  'x-session-desk-token': sessionStorage.getItem('sessionToken') ?? '',
});

function post(name: CallName, input: object): Promise<Response> {
  return fetch(`/call/${name}`, {
    method: 'POST',
    headers: { ...tokenHeaders(), 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}

/** The cookie or the token of this page is missing or belongs to another run of the host. */
function isUnauthorized(response: Response): boolean {
  return response.status === 401 || response.status === 403;
}

interface StreamedEvent {
  readonly name: string;
  readonly payload: unknown;
}

/**
 * Reads server-sent events until the stream ends. Unlike `EventSource`, `fetch` can send the token and reports the
 * status of the response.
 */
async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamedEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (buffer + value).split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
      if (name !== undefined && data !== undefined) yield { name, payload: JSON.parse(data) };
    }
  }
}

function createHttpClient(): HostClient {
  const statusListeners = new Set<(status: HostStatus) => void>();
  const eventListeners = new Map<string, Set<(payload: never) => void>>();
  let status: HostStatus = 'connected';

  const setStatus = (next: HostStatus): void => {
    if (next === status) return;
    status = next;
    for (const listener of statusListeners) listener(next);
  };

  let stream = new AbortController();

  const notify = ({ name, payload }: StreamedEvent): void => {
    for (const listener of eventListeners.get(name) ?? []) {
      try {
        listener(payload as never);
      } catch (error) {
        reportError(error);
      }
    }
  };

  /** Listens to events. Reconnects at once after a stream has ended, and later if the host accepts none. */
  const listen = async (isReconnect = false): Promise<void> => {
    let wasOpen = false;
    let next: HostStatus = 'unreachable';
    stream = new AbortController();
    try {
      const response = await fetch('/events', { headers: tokenHeaders(), signal: stream.signal });
      wasOpen = response.ok;
      if (isUnauthorized(response)) next = 'unauthorized';
      if (response.ok && response.body) {
        // Events can be lost between two streams; the change of the status makes the page read its data again.
        if (isReconnect) setStatus('unreachable');
        setStatus('connected');
        for await (const event of readEvents(response.body)) notify(event);
      }
    } catch {
      // The host does not respond, or the stream has broken.
    }
    if (!wasOpen) setStatus(next);
    setTimeout(() => void listen(true), wasOpen ? 0 : reconnectDelayMs);
  };
  void listen();

  /** Sets the status and opens a new stream, which shows whether the host responds again. */
  const recover = (next: HostStatus): void => {
    setStatus(next);
    stream.abort();
  };

  return {
    kind: 'browser',
    async call<Name extends CallName>(name: Name, input: object): Promise<Envelope<CallOutput<Name>>> {
      try {
        const response = await post(name, input);
        if (isUnauthorized(response)) recover('unauthorized');
        return (await response.json()) as Envelope<CallOutput<Name>>;
      } catch (reason) {
        recover('unreachable');
        throw reason;
      }
    },
    on(name, listener) {
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
