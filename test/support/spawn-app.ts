import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { ParsedInput, CoreCallName, CallOutput, EventName, EventPayload } from '../../src-main/contract/index.ts';
import type { AppProcessOptions, AppProcessMessage, AppProcessRequest } from './app-process.ts';
import { testProcessFile } from './test-processes.ts';

/**
 * The application in a child process that tests can kill. Its secrets outlive the process, like those of a keychain.
 */
export interface SpawnedApp {
  readonly processId: number;
  readonly secrets: () => [string, string][];
  /** A failed call rejects with an error that has its `code`. A call stays pending if the process is killed. */
  call<Name extends CoreCallName>(name: Name, input: ParsedInput<Name>): Promise<CallOutput<Name>>;
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  /** Resident memory of the process in bytes, all threads. */
  getMemoryBytes(): Promise<number>;
  /** Closes the application; requests in progress are recorded first. */
  close(): Promise<void>;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
}

/** `flags`: Node options, e.g. the heap size. */
export async function spawnApp(
  dataFolder: string,
  secrets: [string, string][] = [],
  options: AppProcessOptions = {},
  flags: readonly string[] = [],
): Promise<SpawnedApp> {
  const child = fork(testProcessFile('app-process'), {
    execArgv: [...process.execArgv, ...flags],
  });
  const exited = once(child, 'exit');
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const memoryRequests: ((bytes: number) => void)[] = [];
  let currentSecrets = secrets;
  let lastId = 0;
  const opened = new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error('The process ended before the application was open.')));
    child.on('message', (message: AppProcessMessage) => {
      if (message.kind === 'opened') resolve();
      if (message.kind === 'event')
        for (const listener of listeners.get(message.name) ?? []) listener(message.payload as never);
      if (message.kind === 'memory') for (const respond of memoryRequests.splice(0)) respond(message.bytes);
      if (message.kind !== 'response') return;
      currentSecrets = message.secrets;
      const request = pending.get(message.id);
      pending.delete(message.id);
      if (message.error === null) request?.resolve(message.value);
      else request?.reject(Object.assign(new Error(message.error), { code: message.code }));
    });
  });
  child.send({ kind: 'open', dataFolder, secrets, options } satisfies AppProcessRequest);
  await opened;
  return {
    processId: child.pid ?? 0,
    secrets: () => currentSecrets,
    on: (name, listener) => {
      const eventListeners = listeners.get(name) ?? new Set();
      listeners.set(name, eventListeners.add(listener));
      return () => void eventListeners.delete(listener);
    },
    getMemoryBytes: () =>
      new Promise((resolve) => {
        memoryRequests.push(resolve);
        child.send({ kind: 'memory' } satisfies AppProcessRequest);
      }),
    close: async () => {
      child.send({ kind: 'close' } satisfies AppProcessRequest);
      await exited;
    },
    call: (name, input) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        pending.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ kind: 'call', id: lastId, name, input } satisfies AppProcessRequest);
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
