/** The screen's way to the desk: the preload's client in the Electron window, HTTP and server-sent events in a browser. */
import type { InjectionKey } from 'vue';
import type { CallName, CallOutput, DeskClient, Envelope, EventName, EventPayload } from './contract.ts';
import { events } from './contract.ts';

/** `lost`: nobody answers. `refused`: somebody answers but does not know this window, e.g. a page opened without its code. */
export type Link = 'up' | 'lost' | 'refused';

export interface LinkedClient extends DeskClient {
  /** Tells of every change of the link; the function it returns ends that. */
  onLink(listener: (link: Link) => void): () => void;
}

export const deskKey: InjectionKey<LinkedClient> = Symbol('desk');

const retryAfterMs = 2_000;

export function createDeskClient(): LinkedClient {
  return window.sessionDesk ? fromPreload(window.sessionDesk) : overHttp();
}

function fromPreload(client: DeskClient): LinkedClient {
  return {
    call: (name, input) => client.call(name, input),
    on: (name, listener) => client.on(name, listener),
    // The window and its main process live and die together.
    onLink: () => () => {},
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
function isRefusal(response: Response): boolean {
  return response.status === 401 || response.status === 403;
}

/** Why the event stream broke. A host that answers again is still `lost` until the stream stands. */
async function diagnose(): Promise<Link> {
  try {
    return isRefusal(await post('desk.state', {})) ? 'refused' : 'lost';
  } catch {
    return 'lost';
  }
}

function overHttp(): LinkedClient {
  const linkListeners = new Set<(link: Link) => void>();
  const eventListeners = new Map<string, Set<(payload: never) => void>>();
  let link: Link = 'up';
  let source: EventSource | undefined;

  const setLink = (next: Link): void => {
    if (next === link) return;
    link = next;
    for (const listener of linkListeners) listener(next);
  };

  /** Says what is wrong and begins anew: EventSource would not try again after a 401, and hides that it was one. */
  const recover = async (): Promise<void> => {
    if (!source) return;
    source.close();
    source = undefined;
    setLink(await diagnose());
    setTimeout(listen, retryAfterMs);
  };

  const listen = (): void => {
    source = new EventSource('/events');
    source.onopen = () => setLink('up');
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
        if (isRefusal(response)) void recover();
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
    onLink(listener) {
      linkListeners.add(listener);
      return () => linkListeners.delete(listener);
    },
  };
}
