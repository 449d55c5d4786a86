/** The result of the rate limit for one request; `resetSeconds` is fractional (providers.md 2.5). */
export interface RateLimitResult {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the oldest counted request is outside the window. */
  readonly resetSeconds: number;
}

/** A sliding window: allows at most `limit` requests in any period of `windowMs`. Refused requests do not count. */
export class SlidingWindow {
  readonly #windowMs: number;
  #acceptedTimes: number[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** `now` is in milliseconds and must not decrease. The limit may change between requests. */
  tryAcquire(now: number, limit: number): RateLimitResult {
    const firstCountedIndex = this.#acceptedTimes.findIndex((time) => now - time < this.#windowMs);
    this.#acceptedTimes = firstCountedIndex < 0 ? [] : this.#acceptedTimes.slice(firstCountedIndex);
    const isAllowed = this.#acceptedTimes.length < limit;
    if (isAllowed) this.#acceptedTimes.push(now);
    const blockingTime = this.#acceptedTimes[Math.max(0, this.#acceptedTimes.length - limit)] ?? now;
    const waitMs = blockingTime + this.#windowMs - now;
    // Rounded up, so that a client that waits this long is accepted.
    const resetSeconds = Math.ceil(waitMs / 10) / 100;
    return { isAllowed, limit, remaining: Math.max(0, limit - this.#acceptedTimes.length), resetSeconds };
  }
}
