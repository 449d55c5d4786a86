/** What a rate limit said about one request; `resetSeconds` is fractional (providers.md 2.5). */
export interface RateLimitResult {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the oldest counted request leaves the window. */
  readonly resetSeconds: number;
}

/** A sliding window: in no stretch of `windowMs` are more than `limit` requests allowed. Refused ones do not count. */
export class SlidingWindow {
  readonly #windowMs: number;
  #acceptedAt: number[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Times are in milliseconds and never run backwards; the limit may change between requests. */
  tryAcquire(now: number, limit: number): RateLimitResult {
    const firstCounted = this.#acceptedAt.findIndex((at) => now - at < this.#windowMs);
    this.#acceptedAt = firstCounted < 0 ? [] : this.#acceptedAt.slice(firstCounted);
    const isAllowed = this.#acceptedAt.length < limit;
    if (isAllowed) this.#acceptedAt.push(now);
    const blocking = this.#acceptedAt[Math.max(0, this.#acceptedAt.length - limit)] ?? now;
    const waitMs = blocking + this.#windowMs - now;
    // Rounded up, so that who waits as long as told is let in.
    const resetSeconds = Math.ceil(waitMs / 10) / 100;
    return { isAllowed, limit, remaining: Math.max(0, limit - this.#acceptedAt.length), resetSeconds };
  }
}
