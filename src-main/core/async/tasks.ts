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
