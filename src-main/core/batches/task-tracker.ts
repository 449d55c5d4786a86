/** Work that nobody waits for but the end. What fails, e.g. on a full disk, is found again at the next start. */
export class TaskTracker {
  readonly #running = new Set<Promise<void>>();

  run(work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch(() => undefined)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async waitUntilIdle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
