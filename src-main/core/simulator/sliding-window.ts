/** What a rate limit said about one request; `resetSeconds` is fractional (providers.md 2.5). */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the oldest counted request leaves the window. */
  readonly resetSeconds: number;
}

/** A sliding window: in no stretch of `windowMs` are more than `limit` requests allowed. Refused ones do not count. */
export class SlidingWindow {
  readonly #windowMs: number;
  #taken: number[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Times are in milliseconds and never run backwards; the limit may change between requests. */
  take(now: number, limit: number): Allowance {
    const firstCounted = this.#taken.findIndex((at) => now - at < this.#windowMs);
    this.#taken = firstCounted < 0 ? [] : this.#taken.slice(firstCounted);
    const allowed = this.#taken.length < limit;
    if (allowed) this.#taken.push(now);
    const blocking = this.#taken[Math.max(0, this.#taken.length - limit)] ?? now;
    const waitMs = blocking + this.#windowMs - now;
    // Rounded up, so that who waits as long as told is let in.
    const resetSeconds = Math.ceil(waitMs / 10) / 100;
    return { allowed, limit, remaining: Math.max(0, limit - this.#taken.length), resetSeconds };
  }
}
