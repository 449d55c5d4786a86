import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DisposableStore, KeyedMutex, LatestRequest, TaskTracker, throttle } from '../../src-main/core/async.ts';
import { nonEmpty } from '../support/non-empty.ts';

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

describe('LatestRequest', () => {
  it('getSignal: a newer request number aborts the older requests of the same viewer with superseded', () => {
    const latestRequest = new LatestRequest();
    const first = latestRequest.getSignal('viewer-1', 1);
    const sameNumber = latestRequest.getSignal('viewer-1', 1);
    const otherViewer = latestRequest.getSignal('viewer-2', 1);
    expect([first, sameNumber, otherViewer].map(({ aborted }) => aborted)).toEqual([false, false, false]);
    const newer = latestRequest.getSignal('viewer-1', 2);
    expect([first, sameNumber, otherViewer, newer].map(({ aborted }) => aborted)).toEqual([true, true, false, false]);
    expect(first.reason).toMatchObject({ code: 'superseded', messageKey: 'session.superseded', retryable: true });
  });

  it('getSignal: a request that arrives after a newer one is aborted at once', () => {
    const latestRequest = new LatestRequest();
    const newer = latestRequest.getSignal('viewer-1', 2);
    const late = latestRequest.getSignal('viewer-1', 1);
    expect(late.aborted).toBe(true);
    expect(late.reason).toMatchObject({ code: 'superseded' });
    expect(newer.aborted).toBe(false);
  });

  it('close: all requests are aborted', () => {
    const latestRequest = new LatestRequest();
    const signal = latestRequest.getSignal('', 0);
    latestRequest.close();
    expect(signal.aborted).toBe(true);
  });
});

it('TaskTracker: waits also for tasks that a running task starts, and ignores errors', async () => {
  const tasks = new TaskTracker();
  const ended: string[] = [];
  tasks.run(async () => {
    await Promise.resolve();
    tasks.run(() => Promise.resolve(void ended.push('second')));
    ended.push('first');
    throw new Error('The disk is full.');
  });
  await tasks.waitUntilIdle();
  expect(ended).toEqual(['second', 'first']);
});

describe('throttle', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('throttle: the first call runs at once, and the calls of each interval are combined at its end', () => {
    const action = vi.fn();
    const throttled = throttle(action, 100);
    throttled();
    expect(action).toHaveBeenCalledTimes(1);
    throttled();
    throttled();
    vi.advanceTimersByTime(99);
    expect(action).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledTimes(2);
    throttled();
    vi.advanceTimersByTime(1_000);
    expect(action).toHaveBeenCalledTimes(3);
    throttled();
    expect(action).toHaveBeenCalledTimes(4);
  });

  it('throttle: without a leading call the first call waits, and cancel drops it', () => {
    const action = vi.fn();
    const throttled = throttle(action, 100, { isLeading: false });
    throttled();
    throttled();
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(action).toHaveBeenCalledTimes(1);
    throttled();
    throttled.cancel();
    vi.advanceTimersByTime(1_000);
    expect(action).toHaveBeenCalledTimes(1);
  });
});

describe('DisposableStore', () => {
  it('dispose: runs the functions one after the other in reverse order, each once', async () => {
    const disposables = new DisposableStore();
    const ended: string[] = [];
    disposables.add(() => void ended.push('database'));
    disposables.add(async () => {
      await Promise.resolve();
      ended.push('batches');
    });
    await Promise.all([disposables.dispose(), disposables.dispose()]);
    expect(ended).toEqual(['batches', 'database']);
  });

  it('dispose: a failure does not keep the other functions from running, and the first one is reported', async () => {
    const disposables = new DisposableStore();
    let isClosed = false;
    disposables.add(() => void (isClosed = true));
    disposables.add(() => Promise.reject(new Error('second')));
    disposables.add(() => Promise.reject(new Error('first')));
    await expect(disposables.dispose()).rejects.toThrow('first');
    expect(isClosed).toBe(true);
  });
});
