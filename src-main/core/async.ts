import { AppError, createMessage } from '../contract/index.ts';

/** Locks by key. Actions with the same key run one after the other, in the order of the calls. */
export class KeyedMutex<Key> {
  /** By locked key: resolves when everyone who has asked for the lock so far has released it. */
  readonly #tails = new Map<Key, Promise<void>>();

  async runExclusive<Value>(key: Key, action: () => Promise<Value>): Promise<Value> {
    const previous = this.#tails.get(key);
    const release = this.#lock(key);
    try {
      await previous;
      return await action();
    } finally {
      release();
    }
  }

  /** Locks the key and returns the function that releases it; null if it is locked already. */
  tryAcquire(key: Key): (() => void) | null {
    return this.#tails.has(key) ? null : this.#lock(key);
  }

  /** Resolves when everyone who has asked for the lock so far has released it. */
  async waitUntilReleased(key: Key): Promise<void> {
    await this.#tails.get(key);
  }

  /** Resolves when all locks that are held or waited for now are released. */
  async waitUntilIdle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  #lock(key: Key): () => void {
    const { promise, resolve }: PromiseWithResolvers<void> = Promise.withResolvers();
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(() => promise);
    this.#tails.set(key, tail);
    return () => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
      resolve();
    };
  }
}

/** Aborts the older requests of each viewer with `superseded` when a newer one starts. */
export class LatestRequest {
  readonly #latest = new Map<string, { readonly requestNumber: number; readonly abortController: AbortController }>();

  /**
   * Returns the signal for a request. Requests with the same number share it. If `requestNumber` is older than the
   * newest one of the viewer, the signal is aborted already.
   */
  getSignal(viewer: string, requestNumber: number): AbortSignal {
    const newest = this.#latest.get(viewer);
    if (newest && newest.requestNumber === requestNumber) return newest.abortController.signal;
    const error = new AppError('superseded', createMessage('session.superseded'), { retryable: true });
    if (newest && newest.requestNumber > requestNumber) return AbortSignal.abort(error);
    newest?.abortController.abort(error);
    const abortController = new AbortController();
    this.#latest.set(viewer, { requestNumber, abortController });
    return abortController.signal;
  }

  close(): void {
    for (const { abortController } of this.#latest.values()) abortController.abort();
  }
}

/**
 * Tracks background tasks until they end. Errors are ignored: work that failed, for example on a full disk, is repeated
 * at the next start.
 */
export class TaskTracker {
  readonly #running = new Set<Promise<void>>();

  run(task: () => Promise<void>): void {
    const running: Promise<void> = task()
      .catch(() => undefined)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async waitUntilIdle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

export interface ThrottledFunction {
  (): void;
  /** Drops a call that waits. */
  cancel(): void;
}

/**
 * Returns a function that runs `action` at most once per `intervalMs` and combines the calls in between. `isLeading`:
 * whether the first call runs at once, or after the interval. A waiting call does not keep the process alive.
 */
export function throttle(action: () => void, intervalMs: number, { isLeading = true } = {}): ThrottledFunction {
  let timer: NodeJS.Timeout | null = null;
  let isPending = false;
  const run = () => {
    isPending = false;
    startTimer();
    action();
  };
  const startTimer = () => {
    timer = setTimeout(() => {
      timer = null;
      if (isPending) run();
    }, intervalMs);
    timer.unref();
  };
  const call = () => {
    isPending = true;
    if (timer) return;
    if (isLeading) run();
    else startTimer();
  };
  return Object.assign(call, { cancel: () => void (isPending = false) });
}

/** Ends services in the reverse order of their start. */
export class DisposableStore {
  readonly #disposers: (() => Promise<void> | void)[] = [];

  add(dispose: () => Promise<void> | void): void {
    this.#disposers.push(dispose);
  }

  /** Runs each function once, one after the other. If some reject, runs the others and rejects with the first error. */
  async dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (const dispose of this.#disposers.splice(0).reverse()) {
      try {
        await dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
