import { expect, it } from 'vitest';
import type { BatchRepository } from '../../../src-main/core/batches/batch-repository.ts';
import type { BatchesDependencies } from '../../../src-main/core/batches/batches-dependencies.ts';
import { Runs } from '../../../src-main/core/batches/runs.ts';

it('close: a batch whose resume is being prepared starts no item', async () => {
  const row = { id: 'b1', number: 1, state: 'paused', reasonCategory: 'x', reasonNote: '' };
  const requested: string[] = [];
  const preparing: PromiseWithResolvers<void> = Promise.withResolvers();
  const prepared = Promise.withResolvers<[]>();
  const lastStep: PromiseWithResolvers<void> = Promise.withResolvers();
  const store = {
    run: (name: string) => {
      requested.push(name);
      if (name === 'unresolvedCancellationsOfBatch') {
        preparing.resolve();
        return prepared.promise;
      }
      if (name === 'batchCounts')
        return Promise.resolve([
          { batchNumber: 1, connectionId: 'c1', verdict: 'ready', outcome: 'waiting', items: 3 },
        ]);
      return Promise.resolve([]);
    },
  };
  const runs = new Runs(
    {
      store,
      rateLimiter: { getLimits: () => ({ perSecond: 1, maxInFlight: 1 }) },
      circuitBreaker: { waitUntilClosed: () => Promise.resolve(), resumeConnection: () => undefined },
    } as unknown as BatchesDependencies,
    {
      getRow: () => {
        // The last step before the runners start.
        if (requested.includes('batchCounts')) lastStep.resolve();
        return Promise.resolve({ ...row, state: requested.length === 0 ? 'paused' : 'running' });
      },
      transition: () => {
        requested.push('transition');
        return Promise.resolve({ ...row, state: 'running' });
      },
      markChanged: () => undefined,
    } as unknown as BatchRepository,
  );
  await runs.resume('b1');
  await preparing.promise;
  await runs.close();
  prepared.resolve([]);
  await lastStep.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(requested).not.toContain('waitingItems');
});
