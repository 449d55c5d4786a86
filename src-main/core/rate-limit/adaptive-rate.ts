/** After another "too many requests" within a second the rate falls to this share at once, and rises again by a share of the limit a second. */
const decreaseFactor = 0.75;
const increaseRatio = 0.05;
/** Near what was refused it rises by a share of itself with each answer, and by as much again for every so many in a row that were not refused. */
const probe = { increaseRatio: 0.000_03, doublingCount: 500 } as const;
/**
 * One that comes alone after so many that were not refused means that the rate has just crossed what the provider bears. Alone but
 * earlier, the provider bears what it took in the second before, where that is enough to count by. Either way a little less is asked.
 */
const sustainable = { safetyFactor: 0.98, minRatio: 0.5, minSampleCount: 5, limitReachedAfterCount: 100 } as const;
/** How long nothing is sent after one that names no time; doubled with each in a row. */
const defaultBackoff = { nearLimitMs: 20, overLimitMs: 500, maxMs: 5_000 } as const;
const minRateRatio = 1 / 64;

/** Requests a second that a provider puts up with, as far as its answers tell: at most the limit that was set. */
export class AdaptiveRate {
  #limit: number;
  #allowed: number;
  /** The rate at which it last said no. */
  #ceiling: number;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  /** Answers since then. */
  #acceptedCount = 0;
  /** "Too many requests" in a row. */
  #consecutiveThrottledCount = 0;

  constructor(limit: number) {
    this.#limit = this.#allowed = this.#ceiling = limit;
  }

  get perSecond(): number {
    return this.#allowed;
  }

  /** From now on, whatever was learned. */
  setLimit(limit: number): void {
    this.#limit = this.#allowed = this.#ceiling = limit;
  }

  /** By one answer's part of what a second adds. */
  increase(): void {
    this.#consecutiveThrottledCount = 0;
    this.#acceptedCount += 1;
    const near = this.#allowed * probe.increaseRatio * (1 + this.#acceptedCount / probe.doublingCount);
    const step = this.#allowed < 0.95 * this.#ceiling ? (this.#limit * increaseRatio) / this.#allowed : near;
    this.#allowed = Math.min(this.#limit, this.#allowed + step);
  }

  /**
   * "Too many requests" for one that was sent at `begunAt`, after `taken` others within a second. Answers with how long to wait where
   * the provider names no time, in milliseconds; with null where the request was under way when the rate fell, and tells nothing new.
   */
  decrease(begunAt: number, taken: number): number | null {
    if (begunAt <= this.#decreasedAt) return null;
    const now = performance.now();
    const kept = now - this.#decreasedAt > 1_000 ? this.#estimateSustainableRatio(taken) : null;
    const isNear = kept !== null && kept > 0.9;
    this.#ceiling = this.#allowed * (kept === null || isNear ? 1 : kept);
    this.#allowed = Math.max(
      this.#limit * minRateRatio,
      this.#allowed * (kept === null ? decreaseFactor : kept * sustainable.safetyFactor),
    );
    this.#decreasedAt = now;
    this.#acceptedCount = 0;
    this.#consecutiveThrottledCount += 1;
    return Math.min(
      defaultBackoff.maxMs,
      (isNear ? defaultBackoff.nearLimitMs : defaultBackoff.overLimitMs) * 2 ** (this.#consecutiveThrottledCount - 1),
    );
  }

  /** The share of the rate that the provider bears; null where nothing tells. */
  #estimateSustainableRatio(taken: number): number | null {
    if (this.#acceptedCount >= sustainable.limitReachedAfterCount) return 1;
    return taken < sustainable.minSampleCount
      ? null
      : Math.max(sustainable.minRatio, Math.min(1, taken / this.#allowed));
  }
}
