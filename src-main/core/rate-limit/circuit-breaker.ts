/** Token bucket for retries: a retry costs five tokens, a request without a failure gains one. */
const retryBudget = { capacity: 50, cost: 5, gain: 1 } as const;

interface Circuit<Kind extends string, Issue> {
  readonly consecutiveFailures: Map<Kind, number>;
  issue: Issue | null;
  /** When the connection is no longer paused, by `performance.now()`. */
  pausedUntil: number;
  retryTokens: number;
  readonly waiters: Set<() => void>;
}

/**
 * Pauses a connection after repeated failures of the same kind, until `reset` or for a time. `Issue` says why, and what
 * helps.
 *
 * Own code: the breaker of cockatiel 4 rejects calls where a batch waits until the operator resumes the connection,
 * counts all failures alike, and cannot hold an issue.
 */
export class CircuitBreaker<Kind extends string, Issue> {
  readonly #maxConsecutiveFailures: Readonly<Record<Kind, number>>;
  readonly #pauseMs: number;
  readonly #circuits = new Map<string, Circuit<Kind, Issue>>();

  /** `pauseMs`: how long a connection stays paused at most; until `reset` if absent. */
  constructor(maxConsecutiveFailures: Readonly<Record<Kind, number>>, pauseMs = Number.POSITIVE_INFINITY) {
    this.#maxConsecutiveFailures = maxConsecutiveFailures;
    this.#pauseMs = pauseMs;
  }

  /** Why the connection is paused; null if it is not. */
  getIssue(connectionId: string): Issue | null {
    const { issue, pausedUntil } = this.#getOrCreateCircuit(connectionId);
    return performance.now() < pausedUntil ? issue : null;
  }

  /**
   * Resolves when the connection is reset, at once if it is not paused. The end of `pauseMs` does not resolve it.
   * Rejects with the signal's reason if the signal aborts first.
   */
  async waitUntilClosed(connectionId: string, signal: AbortSignal): Promise<void> {
    const circuit = this.#getOrCreateCircuit(connectionId);
    while (this.getIssue(connectionId) !== null) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = () => {
          circuit.waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        circuit.waiters.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    signal.throwIfAborted();
  }

  recordSuccess(connectionId: string): void {
    const circuit = this.#getOrCreateCircuit(connectionId);
    circuit.consecutiveFailures.clear();
    circuit.retryTokens = Math.min(retryBudget.capacity, circuit.retryTokens + retryBudget.gain);
  }

  /** Returns whether this failure pauses the connection. */
  recordFailure(connectionId: string, kind: Kind, issue: Issue): boolean {
    const { consecutiveFailures } = this.#getOrCreateCircuit(connectionId);
    const count = (consecutiveFailures.get(kind) ?? 0) + 1;
    consecutiveFailures.set(kind, count);
    return count >= this.#maxConsecutiveFailures[kind] && this.trip(connectionId, issue);
  }

  /** Whether a request may be retried; if so, takes the tokens for it. */
  tryRetry(connectionId: string): boolean {
    const circuit = this.#getOrCreateCircuit(connectionId);
    if (circuit.retryTokens < retryBudget.cost) return false;
    circuit.retryTokens -= retryBudget.cost;
    return true;
  }

  /** Pauses the connection. Returns false if it was paused already; then the issue does not change. */
  trip(connectionId: string, issue: Issue): boolean {
    if (this.getIssue(connectionId) !== null) return false;
    const pausedUntil = performance.now() + this.#pauseMs;
    Object.assign(this.#getOrCreateCircuit(connectionId), { issue, pausedUntil });
    return true;
  }

  reset(connectionId: string): void {
    const circuit = this.#getOrCreateCircuit(connectionId);
    circuit.issue = null;
    circuit.retryTokens = retryBudget.capacity;
    circuit.consecutiveFailures.clear();
    for (const wake of [...circuit.waiters]) wake();
  }

  #getOrCreateCircuit(connectionId: string): Circuit<Kind, Issue> {
    let circuit = this.#circuits.get(connectionId);
    if (!circuit) {
      circuit = {
        consecutiveFailures: new Map(),
        issue: null,
        pausedUntil: 0,
        retryTokens: retryBudget.capacity,
        waiters: new Set(),
      };
      this.#circuits.set(connectionId, circuit);
    }
    return circuit;
  }
}
