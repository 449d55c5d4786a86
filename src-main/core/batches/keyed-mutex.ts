/** Actions of the same name, one after the other. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<unknown>>();

  runExclusive<Value>(name: string, action: () => Promise<Value>): Promise<Value> {
    const turn = (this.#tails.get(name) ?? Promise.resolve()).then(action);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(name, settled);
    void settled.then(() => this.#tails.get(name) === settled && this.#tails.delete(name));
    return turn;
  }

  async waitUntilIdle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
