import { expect, it } from 'vitest';
import { AppError, createMessage } from '../../../src-main/contract/index.ts';
import { Runs, type RunsDependencies } from '../../../src-main/core/batches/runs.ts';

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
  const runs = new Runs({
    store,
    rateLimiter: { getLimits: () => ({ perSecond: 1, maxInFlight: 1 }) },
    circuitBreaker: { waitUntilClosed: () => Promise.resolve(), resumeConnection: () => undefined },
    activeRuns: new Map(),
    publisher: { markChanged: () => undefined },
    repository: {
      getRow: () => {
        // The last step before the runners start.
        if (requested.includes('batchCounts')) lastStep.resolve();
        return Promise.resolve({ ...row, state: requested.length === 0 ? 'paused' : 'running' });
      },
      transition: () => {
        requested.push('transition');
        return Promise.resolve({ ...row, state: 'running' });
      },
    },
  } as unknown as RunsDependencies);
  await runs.resume('b1');
  await preparing.promise;
  runs.close();
  prepared.resolve([]);
  await lastStep.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(requested).not.toContain('waitingItems');
});

it('resume: a batch that was halted by an error continues, also if its pause is not stored yet', async () => {
  let state = 'paused';
  let hasSpace = false;
  const halted: PromiseWithResolvers<void> = Promise.withResolvers();
  const pauseStored: PromiseWithResolvers<void> = Promise.withResolvers();
  const continued: PromiseWithResolvers<void> = Promise.withResolvers();
  const runs = new Runs({
    store: {
      run: (name: string) => {
        if (!hasSpace)
          return Promise.reject(new AppError('disk_full', createMessage('maintenance.diskFull', { folder: '/' })));
        if (name === 'waitingItems') continued.resolve();
        return Promise.resolve(
          name === 'batchCounts'
            ? [{ batchNumber: 1, connectionId: 'c1', verdict: 'ready', outcome: 'waiting', items: 3 }]
            : [],
        );
      },
    },
    rateLimiter: { getLimits: () => ({ perSecond: 1, maxInFlight: 1 }) },
    circuitBreaker: { waitUntilClosed: () => Promise.resolve() },
    activeRuns: new Map(),
    publisher: { markChanged: () => undefined },
    views: { get: () => Promise.resolve({ outcomeCounts: {} }) },
    repository: {
      getRow: () => Promise.resolve({ id: 'b1', number: 1, state, reasonCategory: 'x', reasonNote: '' }),
      transition: async (_id: string, event: string) => {
        if (event === 'pause') {
          halted.resolve();
          await pauseStored.promise;
          state = 'paused';
        }
        if (event === 'resume') state = 'running';
      },
    },
  } as unknown as RunsDependencies);
  await runs.resume('b1');
  await halted.promise;
  hasSpace = true;
  const resumed = runs.resume('b1');
  await new Promise((resolve) => setImmediate(resolve));
  pauseStored.resolve();
  await resumed;
  await continued.promise;
  expect(state).toBe('running');
  runs.close();
});
