import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ParsedInput, CallName, CallOutput, EventName, EventPayload } from '../../src-main/contract/index.ts';
import type { AppProcessOptions, AppProcessMessage, AppProcessRequest } from './app-process.ts';

/** A console in another process, which can be killed at any moment. Its secrets outlive it, as the keychain's would. */
export interface SpawnedApp {
  readonly processId: number;
  readonly secrets: () => [string, string][];
  /** A refusal rejects with its `code`. Response from is asked of a console that is killed is never. */
  call<Name extends CallName>(name: Name, input: ParsedInput<Name>): Promise<CallOutput<Name>>;
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
  /** What its process takes now, all threads, in bytes. */
  getMemoryBytes(): Promise<number>;
  /** Ends it as an operator does: what is in progress is recorded first. */
  close(): Promise<void>;
  /** Ends the process at once, with no chance to tidy up. */
  kill(): Promise<void>;
}

/** `flags` are Node's own, such as the size of its heap. */
export async function spawnApp(
  dataFolder: string,
  secrets: [string, string][] = [],
  options: AppProcessOptions = {},
  flags: readonly string[] = [],
): Promise<SpawnedApp> {
  const child = fork(fileURLToPath(new URL('./app-process.ts', import.meta.url)), {
    execArgv: [...process.execArgv, ...flags],
  });
  const exited = once(child, 'exit');
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const asksMemory: ((bytes: number) => void)[] = [];
  let kept = secrets;
  let lastId = 0;
  const opened = new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error('The desk process ended before it was open.')));
    child.on('message', (message: AppProcessMessage) => {
      if (message.kind === 'opened') resolve();
      if (message.kind === 'event')
        for (const listener of listeners.get(message.name) ?? []) listener(message.payload as never);
      if (message.kind === 'memory') for (const told of asksMemory.splice(0)) told(message.bytes);
      if (message.kind !== 'response') return;
      kept = message.secrets;
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.error === null) waiting?.resolve(message.value);
      else waiting?.reject(Object.assign(new Error(message.error), { code: message.code }));
    });
  });
  child.send({ kind: 'open', dataFolder, secrets, options } satisfies AppProcessRequest);
  await opened;
  return {
    processId: child.pid ?? 0,
    secrets: () => kept,
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
    getMemoryBytes: () =>
      new Promise((resolve) => {
        asksMemory.push(resolve);
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
