/** After another "too many requests" within a second the rate falls to this share at once, and rises again by a share of the limit a second. */
const slowTo = 0.75;
const riseShare = 0.05;
/** Near what was refused it rises by a share of itself with each answer, and by as much again for every so many in a row that were not refused. */
const probe = { share: 0.000_03, doubledIn: 500 } as const;
/**
 * One that comes alone after so many that were not refused means that the rate has just crossed what the provider bears. Alone but
 * earlier, the provider bears what it took in the second before, where that is enough to count by. Either way a little less is asked.
 */
const bearable = { share: 0.98, least: 0.5, countedFrom: 5, crossedAfter: 100 } as const;
/** How long nothing is sent after one that names no time; doubled with each in a row. */
const silentWait = { nearMs: 20, farMs: 500, mostMs: 5_000 } as const;
const lowestShare = 1 / 64;

/** Requests a second that a provider puts up with, as far as its answers tell: at most the limit that was set. */
export class Rate {
  #limit: number;
  #allowed: number;
  /** The rate at which it last said no. */
  #ceiling: number;
  #slowedAt = Number.NEGATIVE_INFINITY;
  /** Answers since then. */
  #unrefused = 0;
  /** "Too many requests" in a row. */
  #refused = 0;

  constructor(limit: number) {
    this.#limit = this.#allowed = this.#ceiling = limit;
  }

  get perSecond(): number {
    return this.#allowed;
  }

  /** From now on, whatever was learned. */
  set(limit: number): void {
    this.#limit = this.#allowed = this.#ceiling = limit;
  }

  /** By one answer's part of what a second adds. */
  rise(): void {
    this.#refused = 0;
    this.#unrefused += 1;
    const near = this.#allowed * probe.share * (1 + this.#unrefused / probe.doubledIn);
    const step = this.#allowed < 0.95 * this.#ceiling ? (this.#limit * riseShare) / this.#allowed : near;
    this.#allowed = Math.min(this.#limit, this.#allowed + step);
  }

  /**
   * "Too many requests" for one that was sent at `begunAt`, after `taken` others within a second. Answers with how long to wait where
   * the provider names no time, in milliseconds; with null where the request was under way when the rate fell, and tells nothing new.
   */
  fall(begunAt: number, taken: number): number | null {
    if (begunAt <= this.#slowedAt) return null;
    const now = performance.now();
    const kept = now - this.#slowedAt > 1_000 ? this.#bearable(taken) : null;
    const isNear = kept !== null && kept > 0.9;
    this.#ceiling = this.#allowed * (kept === null || isNear ? 1 : kept);
    this.#allowed = Math.max(
      this.#limit * lowestShare,
      this.#allowed * (kept === null ? slowTo : kept * bearable.share),
    );
    this.#slowedAt = now;
    this.#unrefused = 0;
    this.#refused += 1;
    return Math.min(silentWait.mostMs, (isNear ? silentWait.nearMs : silentWait.farMs) * 2 ** (this.#refused - 1));
  }

  /** The share of the rate that the provider bears; null where nothing tells. */
  #bearable(taken: number): number | null {
    if (this.#unrefused >= bearable.crossedAfter) return 1;
    return taken < bearable.countedFrom ? null : Math.max(bearable.least, Math.min(1, taken / this.#allowed));
  }
}
