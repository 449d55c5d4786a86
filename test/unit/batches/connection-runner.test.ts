/** What a lane holds while it rests; what it does is shown by the batches of the integration tests. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  ConnectionRunner,
  type ConnectionRunnerDependencies,
} from '../../../src-main/core/batches/connection-runner.ts';
import type { Account } from '../../../src-main/core/providers/index.ts';

/** Collects all that nothing holds any more. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // What a WeakRef was asked for is kept until the present turn of the event loop has ended.
  await setImmediate();
  gc();
  await setImmediate();
  gc();
}

// Verifies S-08.
it('a lane that rests lets go of the secret once its time is over', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const pause = new AbortController();
  let fetched: WeakRef<Account> | undefined;
  let passes = 1;
  let cancelledCount = 0;
  const dependencies = {
    batch: { id: 'b', number: 1 },
    reason: {},
    pauseSignal: pause.signal,
    onProgress: () => undefined,
    store: { run: () => Promise.resolve([{ position: 1 }, { position: 2 }]) },
    connections: {
      assertUnlocked: () => undefined,
      get: () => ({ id: 'c', name: 'Flinks CA' }),
      getAccount: () => {
        const account = { secret: 'a secret', options: { provider: 'flinks' } } as unknown as Account;
        fetched = new WeakRef(account);
        return Promise.resolve(account);
      },
    },
    cancellations: { cancelItem: () => Promise.resolve({ state: 'cancelled', times: (cancelledCount += 1) }) },
    providers: {},
    rateLimiter: { getLimits: () => ({ maxInFlight: 1 }) },
    // One item goes through; then the connection is held up until somebody acts.
    circuitBreaker: {
      recordOutcome: () => null,
      waitUntilClosed: () => ((passes -= 1) === 0 ? Promise.resolve() : new Promise(() => undefined)),
    },
  };
  const runner = new ConnectionRunner('c', 2, dependencies as unknown as ConnectionRunnerDependencies);
  void runner.run();
  await collectGarbage();
  expect(cancelledCount).toBe(1);
  expect(fetched?.deref()?.secret).toBe('a secret');
  vi.advanceTimersByTime(2_000);
  await collectGarbage();
  expect(fetched?.deref()).toBeUndefined();
  pause.abort();
});
