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
