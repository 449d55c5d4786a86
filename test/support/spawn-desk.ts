import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CheckedInput, CallName, CallOutput } from '../../src-main/contract/index.ts';
import type { FromDesk, ToDesk } from './desk-process.ts';

/** A console in another process, which can be killed at any moment. Its secrets outlive it, as the keychain's would. */
export interface SpawnedDesk {
  readonly secrets: () => [string, string][];
  call<Name extends CallName>(name: Name, input: CheckedInput<Name>): Promise<CallOutput<Name>>;
  /** Ends the process at once, with no chance to tidy up. */
  kill(): Promise<void>;
}

export async function spawnDesk(dataFolder: string, secrets: [string, string][] = []): Promise<SpawnedDesk> {
  const child = fork(fileURLToPath(new URL('./desk-process.ts', import.meta.url)));
  const exited = once(child, 'exit');
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let kept = secrets;
  let lastId = 0;
  const opened = new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error('The desk process ended before it was open.')));
    child.on('message', (message: FromDesk) => {
      if (message.kind === 'opened') resolve();
      if (message.kind !== 'answer') return;
      kept = message.secrets;
      const waiting = pending.get(message.id);
      if (message.error === null) waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.error));
    });
  });
  child.send({ kind: 'open', dataFolder, secrets } satisfies ToDesk);
  await opened;
  return {
    secrets: () => kept,
    call: (name, input) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        pending.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ kind: 'call', id: lastId, name, input } satisfies ToDesk);
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
