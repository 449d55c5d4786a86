/** What a lane holds while it rests; what it does is shown by the batches of the integration tests. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Lane, type LaneParts } from '../../../src-main/core/batches/connection-runner.ts';
import type { Account } from '../../../src-main/core/providers/index.ts';

/** Collects all that nothing holds any more. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // What a WeakRef was asked for is kept until the present turn of the event loop has ended.
  await setImmediate();
  gc();
  await setImmediate();
  gc();
}

// Keeps S-08.
it('a lane that rests lets go of the secret once its time is over', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const gate = new AbortController();
  let fetched: WeakRef<Account> | undefined;
  let passes = 1;
  let carried = 0;
  const parts = {
    batch: { id: 'b', number: 1 },
    reason: {},
    gate: gate.signal,
    changed: () => undefined,
    store: { run: () => Promise.resolve([{ position: 1 }, { position: 2 }]) },
    connections: {
      refuseIfLocked: () => undefined,
      get: () => ({ id: 'c', name: 'Flinks CA' }),
      account: () => {
        const account = { secret: 'a secret', options: { provider: 'flinks' } } as unknown as Account;
        fetched = new WeakRef(account);
        return Promise.resolve(account);
      },
    },
    cancellations: { carry: () => Promise.resolve({ state: 'cancelled', times: (carried += 1) }) },
    providers: {},
    pace: { limits: () => ({ inFlight: 1 }) },
    // One item goes through; then the connection is held up until somebody acts.
    brakes: {
      learn: () => null,
      released: () => ((passes -= 1) === 0 ? Promise.resolve() : new Promise(() => undefined)),
    },
  };
  const lane = new Lane('c', 2, parts as unknown as LaneParts);
  void lane.run();
  await collect();
  expect(carried).toBe(1);
  expect(fetched?.deref()?.secret).toBe('a secret');
  vi.advanceTimersByTime(2_000);
  await collect();
  expect(fetched?.deref()).toBeUndefined();
  gate.abort();
});
