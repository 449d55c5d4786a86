import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyedMutex } from '../../../src-main/core/async/index.ts';
import { nonEmpty } from '../../support/non-empty.ts';

it('runExclusive: actions of one key run one at a time in the order of the calls', async () => {
  const call = fc.record({ key: fc.constantFrom('a', 'b'), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(call, { minLength: 1, maxLength: 20 }), async (scheduler, calls) => {
      const mutex = new KeyedMutex<string>();
      const running = new Map<string, number>();
      const started: Record<string, number[]> = { a: [], b: [] };
      const results = calls.map(({ key, fails }, index) =>
        mutex.runExclusive(key, async () => {
          running.set(key, (running.get(key) ?? 0) + 1);
          expect(running.get(key)).toBe(1);
          started[key]?.push(index);
          await scheduler.schedule(Promise.resolve());
          running.set(key, 0);
          if (fails) throw new Error(`The action ${index} failed.`);
          return index;
        }),
      );
      const settled = Promise.allSettled(results);
      await scheduler.waitFor(settled);
      expect((await settled).map(({ status }) => status)).toEqual(
        calls.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
      );
      for (const key of ['a', 'b'])
        expect(started[key]).toEqual(calls.flatMap((each, index) => (each.key === key ? [index] : [])));
      expect(nonEmpty(['a', 'b']).every((key) => mutex.tryAcquire(key) !== null)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('tryAcquire: fails while the key is locked or waited for, and other keys are independent', async () => {
  const mutex = new KeyedMutex<number>();
  const release = mutex.tryAcquire(1);
  const order: string[] = [];
  const waiting = mutex.runExclusive(1, () => Promise.resolve(void order.push('action')));
  expect([mutex.tryAcquire(1), mutex.tryAcquire(2) === null]).toEqual([null, false]);
  const released = mutex.waitUntilReleased(1).then(() => order.push('released'));
  release?.();
  expect(mutex.tryAcquire(1)).toBeNull();
  await Promise.all([waiting, released]);
  expect(order).toEqual(['action', 'released']);
  expect(mutex.tryAcquire(1)).not.toBeNull();
});

it('waitUntilIdle: waits for the locks of all keys', async () => {
  const mutex = new KeyedMutex<string>();
  const releases = [mutex.tryAcquire('a'), mutex.tryAcquire('b')];
  let isIdle = false;
  const idle = mutex.waitUntilIdle().then(() => (isIdle = true));
  releases[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(isIdle).toBe(false);
  releases[1]?.();
  await idle;
});
