/** A desk with a few real handlers and nothing behind them, to test what a host does with one. */
import { DeskError } from '../../src-main/contract/index.ts';
import type { DeskState, EventName, EventPayload, Handlers } from '../../src-main/contract/index.ts';
import type { Desk, Log } from '../../src-main/core/app.ts';

export const state: DeskState = {
  version: '0.0.0',
  operator: 'ada',
  hostName: 'desk-1',
  workspace: 'work',
  trouble: null,
  keychain: 'available',
  dataFolder: '/nowhere',
  firstRun: true,
};

export interface HandMadeDesk extends Desk {
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
  readonly closed: number;
}

/** A desk whose calls are refused, except `desk.state` and what `handlers` adds. */
export function handMadeDesk(handlers: Partial<Handlers> = {}): HandMadeDesk {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  let closed = 0;
  const refuse = () =>
    Promise.reject(new DeskError('workspace_unavailable', 'There is no workspace.', { retryable: true }));
  const all = new Proxy({ 'desk.state': () => Promise.resolve(state), ...handlers } as Handlers, {
    get: (target, name) => Reflect.get(target, name) ?? refuse,
  });
  return {
    handlers: all,
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) listener(payload as never);
    },
    close() {
      closed += 1;
      return Promise.resolve();
    },
    get closed() {
      return closed;
    },
  };
}

/** A log that keeps what it is given, as the text it would write. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (facts: Record<string, unknown>, message: string) => void lines.push(JSON.stringify([facts, message]));
  return { lines, info: keep, warn: keep, error: keep };
}
