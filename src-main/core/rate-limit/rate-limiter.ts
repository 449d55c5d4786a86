import type { Connection, PaceLimits } from '../../contract/index.ts';
import { Rate } from './adaptive-rate.ts';

/** From the providers' published limits, or the lower of two that contradict (providers.md 1.10, 2.5). */
export function usualLimits({ options, environment }: Pick<Connection, 'options' | 'environment'>): PaceLimits {
  if (options.provider === 'flinks') return { perSecond: 2, inFlight: 2 };
  return { perSecond: environment === 'production' ? 10 : 1, inFlight: 4 };
}

/** What an answer tells of the provider's limits. */
export interface LimitSigns {
  readonly kind: string;
  readonly waitMs?: number;
  /** Whether the provider itself said how long to wait. */
  readonly isWaitTold?: boolean;
  readonly evidence: { readonly rateLimit?: { readonly remaining: number; readonly resetMs: number } };
}

interface Waiting {
  readonly go: () => void;
  readonly prepares: boolean;
}

interface Lane {
  limits: PaceLimits;
  readonly rate: Rate;
  readonly waiting: Waiting[];
  inFlight: number;
  /** When the requests of the last second were sent. */
  readonly sent: number[];
  /** Their turn has come, and what must be done before they may be sent is being done. */
  preparing: number;
  /** Prepared, and in flight as soon as one of those has its answer. */
  readonly prepared: (() => void)[];
  /** All times by `performance.now()`: when the next request may begin. */
  next: number;
  /** The provider asked to wait until then. */
  heldUntil: number;
  /** How many requests more the provider takes until then, by its own account. */
  window: { left: number; readonly until: number } | null;
  timer: NodeJS.Timeout | null;
}

/** A timer that comes late is made good up to this, or the rate would always stay below what was set. A time that was blocked is not. */
const madeGoodMs = 50;
/** So many of those that may be in flight are prepared ahead, so that none stands still for a commit; none where few may. */
const aheadShare = 1 / 8;

/**
 * Spaces the requests of each connection. An operator's own request never waits for its turn: it begins at once and the
 * others wait the longer for it. Nothing is sent in bursts: a pause is not saved up. Below the limit that was set, the rate
 * follows the provider: what it says of its window (Xendit's `Rate-Limit-*`) is used up and not exceeded; where it only
 * says "too many requests" (429), the rate falls to what it took in the second before, and rises again slowly.
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
    awaken(lane);
    this.#count(lane);
    send(lane);
    return await this.#ended(lane, action);
  }

  /** Waits for its turn, first come first served. Rejects with the signal's reason where that comes before the action begins. */
  async turn<Value>(connectionId: string, signal: AbortSignal, action: () => Promise<Value>): Promise<Value> {
    const lane = this.#lane(connectionId);
    // Counted before the promise settles, so that the next in line does not begin meanwhile.
    await this.#inLine(lane, signal, false, () => {
      this.#count(lane);
      send(lane);
    });
    return await this.#ended(lane, action);
  }

  /**
   * The same for what has something to do first that takes no place among those in flight, such as to record the intent.
   * Where that answers with false nothing is sent, no turn was taken and the answer is null.
   */
  async preparedTurn<Value>(
    connectionId: string,
    signal: AbortSignal,
    prepare: () => Promise<boolean>,
    action: () => Promise<Value>,
  ): Promise<Value | null> {
    const lane = this.#lane(connectionId);
    await this.#inLine(lane, signal, true, () => {
      this.#count(lane);
      lane.preparing += 1;
    });
    let isWanted = false;
    try {
      isWanted = await prepare();
    } finally {
      lane.preparing -= 1;
      if (!isWanted) this.#uncount(lane);
    }
    if (!isWanted) return null;
    if (lane.inFlight < lane.limits.inFlight && lane.heldUntil <= performance.now()) send(lane);
    else
      await waitIn(
        lane.prepared,
        signal,
        (go) => go,
        () => send(lane),
      );
    return await this.#ended(lane, action);
  }

  async #inLine(lane: Lane, signal: AbortSignal, prepares: boolean, begin: () => void): Promise<void> {
    awaken(lane);
    const turn = waitIn(lane.waiting, signal, (go) => ({ go, prepares }), begin);
    this.#serve(lane);
    await turn;
  }

  /** The provider asks to wait. A shorter wait never shortens a longer one. */
  hold(connectionId: string, waitMs: number): void {
    const lane = this.#lane(connectionId);
    lane.heldUntil = Math.max(lane.heldUntil, performance.now() + waitMs);
    this.#serve(lane);
  }

  /** Takes from an answer what it tells of the provider's limits. `begunAt`: when its request began, by `performance.now()`. */
  learn(
    connectionId: string,
    { kind, waitMs, isWaitTold = true, evidence: { rateLimit } }: LimitSigns,
    begunAt: number,
  ): void {
    const lane = this.#lane(connectionId);
    const now = performance.now();
    if (rateLimit) {
      // Of what was sent after this one its answer does not know.
      const later = lane.sent.filter((at) => at > begunAt).length + lane.preparing + lane.prepared.length;
      lane.window = { left: rateLimit.remaining - later, until: (begunAt + now) / 2 + rateLimit.resetMs };
    }
    if (kind === 'throttled') {
      const usualMs =
        lane.rate.fall(begunAt, lane.sent.filter((at) => at > begunAt - 1_000 && at < begunAt).length) ?? 0;
      lane.heldUntil = Math.max(lane.heldUntil, now + usualMs, now + (isWaitTold ? (waitMs ?? 0) : 0));
    } else lane.rate.rise();
    this.#serve(lane);
  }

  /** How long the provider still wants to be left alone, in milliseconds. */
  heldFor(connectionId: string): number {
    const lane = this.#lane(connectionId);
    return Math.max(0, Math.max(lane.heldUntil, spentUntil(lane)) - performance.now());
  }

  limits(connectionId: string): PaceLimits {
    return this.#lane(connectionId).limits;
  }

  /** What the provider's answers allow at the moment: at most the limit. */
  allowedPerSecond(connectionId: string): number {
    return this.#lane(connectionId).rate.perSecond;
  }

  /** From now on, also for those that wait. */
  setLimits(connectionId: string, limits: PaceLimits): void {
    const lane = this.#lane(connectionId);
    lane.limits = limits;
    lane.rate.set(limits.perSecond);
    // A turn that was far away at the old rate may be near at the new one.
    lane.next = Math.min(lane.next, performance.now() + 1_000 / limits.perSecond);
    this.#serve(lane);
  }

  async #ended<Value>(lane: Lane, action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } finally {
      lane.inFlight -= 1;
      this.#serve(lane);
    }
  }

  #count(lane: Lane): void {
    const now = performance.now();
    lane.next = Math.max(lane.next, now - madeGoodMs, Math.min(now, blockedUntil(lane))) + 1_000 / lane.rate.perSecond;
    if (lane.window) lane.window.left -= 1;
  }

  #uncount(lane: Lane): void {
    lane.next -= 1_000 / lane.rate.perSecond;
    if (lane.window) lane.window.left += 1;
    this.#serve(lane);
  }

  #serve(lane: Lane): void {
    if (lane.timer) clearTimeout(lane.timer);
    lane.timer = null;
    const {
      limits: { inFlight: most },
    } = lane;
    const heldMs = lane.heldUntil - performance.now();
    if (lane.prepared.length > 0 && heldMs > 0) {
      lane.timer = setTimeout(() => this.#serve(lane), Math.ceil(heldMs));
      return;
    }
    while (lane.prepared.length > 0 && lane.inFlight < most) lane.prepared.shift()?.();
    for (let first = lane.waiting[0]; first && hasRoom(lane, first); first = lane.waiting[0]) {
      const waitMs = Math.max(lane.next, blockedUntil(lane)) - performance.now();
      if (waitMs > 0) {
        lane.timer = setTimeout(() => this.#serve(lane), Math.ceil(waitMs));
        return;
      }
      lane.waiting.shift();
      first.go();
    }
  }

  #lane(connectionId: string): Lane {
    let lane = this.#lanes.get(connectionId);
    if (!lane) {
      const limits = this.#limitsOf(connectionId);
      lane = {
        limits,
        rate: new Rate(limits.perSecond),
        waiting: [],
        inFlight: 0,
        sent: [],
        preparing: 0,
        prepared: [],
        next: 0,
        heldUntil: 0,
        window: null,
        timer: null,
      };
      this.#lanes.set(connectionId, lane);
    }
    return lane;
  }
}

function hasRoom({ limits, inFlight, preparing, prepared }: Lane, { prepares }: Waiting): boolean {
  const taken = inFlight + preparing + prepared.length;
  return taken < limits.inFlight + (prepares ? Math.floor(limits.inFlight * aheadShare) : 0);
}

/** Resolves when somebody calls what was put in the line; rejects with the signal's reason, and leaves the line, where that comes first. */
async function waitIn<Each>(
  line: Each[],
  signal: AbortSignal,
  entry: (go: () => void) => Each,
  begin: () => void,
): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const own = entry(() => {
      signal.removeEventListener('abort', give);
      begin();
      resolve();
    });
    const give = () => {
      line.splice(line.indexOf(own), 1);
      reject(signal.reason instanceof Error ? signal.reason : new Error('Stopped while waiting for its turn.'));
    };
    signal.addEventListener('abort', give, { once: true });
    line.push(own);
  });
}

/** Where nobody waited, no time was lost that could be made good. */
function awaken(lane: Lane): void {
  if (lane.waiting.length === 0) lane.next = Math.max(lane.next, performance.now());
}

/** Until when no turn is given, whatever the rate. */
function blockedUntil(lane: Lane): number {
  return Math.max(lane.heldUntil, spentUntil(lane), fullUntil(lane));
}

/** Until when the provider's window is used up; long ago where it is not. */
function spentUntil({ window }: Lane): number {
  return window && window.left <= 0 ? window.until : 0;
}

/** Until when as many as a second allows were sent already: whatever was made good, no stretch of time holds more. */
function fullUntil({ rate: { perSecond }, sent, preparing, prepared }: Lane): number {
  const count = Math.ceil(perSecond);
  const oldest = sent[sent.length + preparing + prepared.length - count];
  return oldest === undefined ? 0 : oldest + (count / perSecond) * 1_000;
}

function send(lane: Lane): void {
  const now = performance.now();
  lane.inFlight += 1;
  lane.sent.push(now);
  // What is still under way may be a little older than a second.
  while ((lane.sent[0] ?? now) < now - 2_000) lane.sent.shift();
}
