import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DisposableStore, TaskTracker, throttle } from '../../../src-main/core/async/index.ts';

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
