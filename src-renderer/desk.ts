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

function overHttp(): LinkedClient {
  const linkListeners = new Set<(link: Link) => void>();
  const eventListeners = new Map<string, Set<(payload: never) => void>>();
  let link: Link = 'up';

  const setLink = (next: Link): void => {
    if (next === link) return;
    link = next;
    for (const listener of linkListeners) listener(next);
  };

  const listen = (): void => {
    const source = new EventSource('/events');
    source.onopen = () => setLink('up');
    source.onerror = () => {
      // EventSource would not try again after an answer such as 401, and hides which answer it was.
      source.close();
      if (link === 'up') setLink('lost');
      setTimeout(listen, retryAfterMs);
    };
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
      const response = await fetch(`/call/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }).catch((reason: unknown) => {
        setLink('lost');
        throw reason;
      });
      if (response.status === 401 || response.status === 403) setLink('refused');
      return (await response.json()) as Envelope<CallOutput<Name>>;
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
