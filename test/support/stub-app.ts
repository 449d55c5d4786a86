/** A desk with a few real handlers and nothing behind them, to test what a host does with one. */
import { AppError } from '../../src-main/contract/index.ts';
import type { AppState, EventName, EventPayload, CallHandlers } from '../../src-main/contract/index.ts';
import type { App, Logger } from '../../src-main/core/app.ts';

export const stubAppState: AppState = {
  version: '0.0.0',
  operator: 'ada',
  hostName: 'desk-1',
  workspace: 'work',
  workspaceError: null,
  keychain: 'available',
  dataFolder: '/nowhere',
  isFirstRun: true,
};

export interface StubApp extends App {
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
  readonly closeCount: number;
}

/** A desk whose calls are refused, except `app.state` and what `handlers` adds. */
export function createStubApp(handlers: Partial<CallHandlers> = {}): StubApp {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  let closed = 0;
  const refuse = () =>
    Promise.reject(new AppError('workspace_unavailable', 'There is no workspace.', { retryable: true }));
  const all = new Proxy({ 'app.state': () => Promise.resolve(stubAppState), ...handlers } as CallHandlers, {
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
    get closeCount() {
      return closed;
    },
  };
}

/** A log that keeps what it is given, as the text it would write. */
export function createMemoryLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (facts: Record<string, unknown>, message: string) => void lines.push(JSON.stringify([facts, message]));
  return { lines, info: keep, warn: keep, error: keep };
}
