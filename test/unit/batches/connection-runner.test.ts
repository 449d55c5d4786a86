/** The secret in an idle runner. The other behaviour of the runner is tested by the integration tests of batches. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  ConnectionRunner,
  type ConnectionRunnerDependencies,
} from '../../../src-main/core/batches/connection-runner.ts';
import { createConnectionProgress, type ActiveRun } from '../../../src-main/core/batches/batch-view.ts';
import type { BatchRow } from '../../../src-main/core/store/index.ts';
import type { Account } from '../../../src-main/core/providers/index.ts';

/** Runs the garbage collector. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // The target of a WeakRef that was dereferenced stays alive until the current job ends.
  await setImmediate();
  gc();
  await setImmediate();
  gc();
}

// Verifies S-08.
it('ConnectionRunner: an idle runner releases the secret after two seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const pause = new AbortController();
  let fetchedAccount: WeakRef<Account> | undefined;
  let remainingStarts = 1;
  let cancelledCount = 0;
  const dependencies = {
    publisher: { markChanged: () => undefined },
    store: { run: () => Promise.resolve([{ position: 1 }, { position: 2 }]) },
    connections: {
      assertUnlocked: () => undefined,
      get: () => ({ id: 'c', name: 'Flinks CA' }),
      getAccount: () => {
        const account = { secret: 'a secret', options: { provider: 'flinks' } } as unknown as Account;
        fetchedAccount = new WeakRef(account);
        return Promise.resolve(account);
      },
    },
    cancellations: { cancelItem: () => Promise.resolve({ state: 'cancelled', times: (cancelledCount += 1) }) },
    rateLimiter: { getLimits: () => ({ maxInFlight: 1 }) },
    // One item starts. Then the connection stays paused.
    circuitBreaker: {
      recordSuccess: () => undefined,
      waitUntilClosed: () => ((remainingStarts -= 1) === 0 ? Promise.resolve() : new Promise(() => undefined)),
    },
  };
  const runner = new ConnectionRunner(
    dependencies as unknown as ConnectionRunnerDependencies,
    { row: { id: 'b', number: 1 } as BatchRow, run: { pauseController: pause } as ActiveRun },
    createConnectionProgress('c', 2),
  );
  void runner.run();
  await collectGarbage();
  expect(cancelledCount).toBe(1);
  expect(fetchedAccount?.deref()?.secret).toBe('a secret');
  vi.advanceTimersByTime(2_000);
  await collectGarbage();
  expect(fetchedAccount?.deref()).toBeUndefined();
  pause.abort();
});
