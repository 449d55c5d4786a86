/** Actions of the same name, one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<Value>(name: string, action: () => Promise<Value>): Promise<Value> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(action);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(name, settled);
    void settled.then(() => this.#last.get(name) === settled && this.#last.delete(name));
    return turn;
  }

  async ended(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}

/** Work that nobody waits for but the end. What fails, e.g. on a full disk, is found again at the next start. */
export class Background {
  readonly #running = new Set<Promise<void>>();

  run(work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch(() => undefined)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
