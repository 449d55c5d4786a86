import type { Connection } from '../../contract/index.ts';

/** How fast one connection may be asked. */
export interface PaceLimits {
  readonly perSecond: number;
  readonly inFlight: number;
}

/** From the providers' published limits, or the lower of two that contradict (providers.md 1.10, 2.5). */
export function usualLimits({ options, environment }: Pick<Connection, 'options' | 'environment'>): PaceLimits {
  if (options.provider === 'flinks') return { perSecond: 2, inFlight: 2 };
  return { perSecond: environment === 'production' ? 10 : 1, inFlight: 4 };
}

interface Lane {
  limits: PaceLimits;
  readonly waiting: (() => void)[];
  inFlight: number;
  /** When the next request may begin, by `performance.now()`. */
  next: number;
  /** The provider asked to wait until then. */
  heldUntil: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Spaces the requests of each connection. An operator's own request never waits for its turn: it begins at once and the
 * others wait the longer for it. Nothing is sent in bursts: a pause is not saved up.
 */
export class Pace {
  readonly #lanes = new Map<string, Lane>();
  readonly #limitsOf: (connectionId: string) => PaceLimits;

  constructor(limitsOf: (connectionId: string) => PaceLimits) {
    this.#limitsOf = limitsOf;
  }

  /** An operator's own request: begins now, and counts. */
  async first<Value>(connectionId: string, action: () => Promise<Value>): Promise<Value> {
    const lane = this.#lane(connectionId);
    return await this.#run(lane, action);
  }

  /** Waits for its turn, first come first served. Rejects with the signal's reason where that comes before the turn does. */
  async turn<Value>(connectionId: string, signal: AbortSignal, action: () => Promise<Value>): Promise<Value> {
    signal.throwIfAborted();
    const lane = this.#lane(connectionId);
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', give);
        // Counted before the promise settles, so that the next in line does not begin meanwhile.
        this.#begin(lane);
        resolve();
      };
      const give = () => {
        lane.waiting.splice(lane.waiting.indexOf(go), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('Stopped while waiting for its turn.'));
      };
      signal.addEventListener('abort', give, { once: true });
      lane.waiting.push(go);
      this.#serve(lane);
    });
    try {
      return await action();
    } finally {
      this.#end(lane);
    }
  }

  /** The provider asks to wait. A shorter wait never shortens a longer one. */
  hold(connectionId: string, waitMs: number): void {
    const lane = this.#lane(connectionId);
    lane.heldUntil = Math.max(lane.heldUntil, performance.now() + waitMs);
    this.#serve(lane);
  }

  /** How long the provider still wants to be left alone, in milliseconds. */
  heldFor(connectionId: string): number {
    return Math.max(0, this.#lane(connectionId).heldUntil - performance.now());
  }

  limits(connectionId: string): PaceLimits {
    return this.#lane(connectionId).limits;
  }

  /** From now on, also for those that wait. */
  setLimits(connectionId: string, limits: PaceLimits): void {
    const lane = this.#lane(connectionId);
    lane.limits = limits;
    this.#serve(lane);
  }

  async #run<Value>(lane: Lane, action: () => Promise<Value>): Promise<Value> {
    this.#begin(lane);
    try {
      return await action();
    } finally {
      this.#end(lane);
    }
  }

  #begin(lane: Lane): void {
    lane.inFlight += 1;
    lane.next = Math.max(lane.next, performance.now()) + 1_000 / lane.limits.perSecond;
  }

  #end(lane: Lane): void {
    lane.inFlight -= 1;
    this.#serve(lane);
  }

  #serve(lane: Lane): void {
    if (lane.timer) clearTimeout(lane.timer);
    lane.timer = null;
    while (lane.waiting.length > 0 && lane.inFlight < lane.limits.inFlight) {
      const waitMs = Math.max(lane.next, lane.heldUntil) - performance.now();
      if (waitMs > 0) {
        lane.timer = setTimeout(() => this.#serve(lane), Math.ceil(waitMs));
        return;
      }
      lane.waiting.shift()?.();
    }
  }

  #lane(connectionId: string): Lane {
    let lane = this.#lanes.get(connectionId);
    if (!lane) {
      lane = { limits: this.#limitsOf(connectionId), waiting: [], inFlight: 0, next: 0, heldUntil: 0, timer: null };
      this.#lanes.set(connectionId, lane);
    }
    return lane;
  }
}
