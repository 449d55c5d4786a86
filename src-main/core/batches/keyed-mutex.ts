/** Runs actions with the same key one after the other. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<unknown>>();

  runExclusive<Value>(key: string, action: () => Promise<Value>): Promise<Value> {
    const running = (this.#tails.get(key) ?? Promise.resolve()).then(action);
    const settled = running.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, settled);
    void settled.then(() => this.#tails.get(key) === settled && this.#tails.delete(key));
    return running;
  }

  async waitUntilIdle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
