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
