/** A stub of `App` for tests of the hosts. */
import { AppError, createMessage } from '../../src-main/contract/index.ts';
import type { AppState, CoreEventName, EventPayload, CoreCallHandlers } from '../../src-main/contract/index.ts';
import type { App, Logger } from '../../src-main/core/app.ts';

export const stubAppState: AppState = {
  version: '0.0.0',
  operator: 'ada',
  hostName: 'desk-1',
  workspace: 'work',
  workspaceError: null,
  keychain: 'available',
  dataFolder: '/nowhere',
  isRestoreReviewPending: false,
  isFirstRun: true,
};

export interface StubApp extends App {
  emit<Name extends CoreEventName>(name: Name, payload: EventPayload<Name>): void;
  readonly closeCount: number;
}

/** All calls fail with workspace_unavailable, except `app.getState` and those in `handlers`. */
export function createStubApp(handlers: Partial<CoreCallHandlers> = {}): StubApp {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  let closeCount = 0;
  const reject = () =>
    Promise.reject(new AppError('workspace_unavailable', createMessage('app.workspaceSwitching'), { retryable: true }));
  const allHandlers = new Proxy(
    { 'app.getState': () => Promise.resolve(stubAppState), ...handlers } as CoreCallHandlers,
    {
      get: (target, name) => Reflect.get(target, name) ?? reject,
    },
  );
  return {
    handlers: allHandlers,
    on(name, listener) {
      const eventListeners = listeners.get(name) ?? new Set();
      listeners.set(name, eventListeners.add(listener));
      return () => eventListeners.delete(listener);
    },
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) listener(payload as never);
    },
    close() {
      closeCount += 1;
      return Promise.resolve();
    },
    get closeCount() {
      return closeCount;
    },
  };
}

/** A logger that stores each entry as JSON. */
export function createMemoryLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const append = (fields: Record<string, unknown>, message: string) =>
    void lines.push(JSON.stringify([fields, message]));
  return { lines, info: append, warn: append, error: append };
}
