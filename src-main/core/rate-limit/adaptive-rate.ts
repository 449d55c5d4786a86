/**
 * A second 429 within one second, or a 429 without an estimate, multiplies the rate by `decreaseFactor`. Afterwards the
 * rate rises by `increaseRatio` of the limit per second.
 */
const decreaseFactor = 0.75;
const increaseRatio = 0.05;
/**
 * Near the rate that was refused, each accepted request raises the rate by `increaseRatio` of itself. The step doubles
 * after `doublingCount` accepted requests in a row and continues to grow linearly.
 */
const probe = { increaseRatio: 0.000_03, doublingCount: 500 } as const;
/**
 * A single 429 after `limitReachedAfterCount` accepted requests means that the rate has just passed the provider's
 * limit. After fewer requests, the limit is estimated as the number of requests in the second before, if there were at
 * least `minSampleCount`. In both cases the new rate is the estimate times `safetyFactor`.
 */
const sustainable = { safetyFactor: 0.98, minRatio: 0.5, minSampleCount: 5, limitReachedAfterCount: 100 } as const;
/** How long nothing is sent after a 429 without `Retry-After`; doubled for each 429 in a row. */
const defaultBackoff = { nearLimitMs: 20, overLimitMs: 500, maxMs: 5_000 } as const;
const minRateRatio = 1 / 64;

/** Estimates from the responses how many requests per second the provider accepts, up to the configured limit. */
export class AdaptiveRate {
  #limit: number;
  #allowed: number;
  /** The rate at which the last 429 occurred, in requests per second. */
  #ceiling: number;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  /** Accepted requests since the last decrease. */
  #acceptedCount = 0;
  /** 429 responses in a row. */
  #consecutiveThrottledCount = 0;

  constructor(limit: number) {
    this.#limit = this.#allowed = this.#ceiling = limit;
  }

  get perSecond(): number {
    return this.#allowed;
  }

  /** Sets the limit and discards the estimate. */
  setLimit(limit: number): void {
    this.#limit = this.#allowed = this.#ceiling = limit;
  }

  /** Called for each accepted request: raises the rate by the share of one request in the increase per second. */
  increase(): void {
    this.#consecutiveThrottledCount = 0;
    this.#acceptedCount += 1;
    const probeStep = this.#allowed * probe.increaseRatio * (1 + this.#acceptedCount / probe.doublingCount);
    const step = this.#allowed < 0.95 * this.#ceiling ? (this.#limit * increaseRatio) / this.#allowed : probeStep;
    this.#allowed = Math.min(this.#limit, this.#allowed + step);
  }

  /**
   * Called for a 429. `sentAt` is when the request was sent, by `performance.now()`; `recentCount` is the number of
   * requests in the second before it. Returns how long to wait if the provider sent no `Retry-After`, in milliseconds,
   * or null if the request was in flight during the last decrease and gives no new information.
   */
  decrease(sentAt: number, recentCount: number): number | null {
    if (sentAt <= this.#decreasedAt) return null;
    const now = performance.now();
    const ratio = now - this.#decreasedAt > 1_000 ? this.#estimateSustainableRatio(recentCount) : null;
    const isNearLimit = ratio !== null && ratio > 0.9;
    this.#ceiling = this.#allowed * (ratio === null || isNearLimit ? 1 : ratio);
    this.#allowed = Math.max(
      this.#limit * minRateRatio,
      this.#allowed * (ratio === null ? decreaseFactor : ratio * sustainable.safetyFactor),
    );
    this.#decreasedAt = now;
    this.#acceptedCount = 0;
    this.#consecutiveThrottledCount += 1;
    return Math.min(
      defaultBackoff.maxMs,
      (isNearLimit ? defaultBackoff.nearLimitMs : defaultBackoff.overLimitMs) *
        2 ** (this.#consecutiveThrottledCount - 1),
    );
  }

  /** The share of the present rate that the provider accepts; null if there are too few requests for an estimate. */
  #estimateSustainableRatio(recentCount: number): number | null {
    if (this.#acceptedCount >= sustainable.limitReachedAfterCount) return 1;
    return recentCount < sustainable.minSampleCount
      ? null
      : Math.max(sustainable.minRatio, Math.min(1, recentCount / this.#allowed));
  }
}
