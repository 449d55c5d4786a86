import type { Connection, RateLimit } from '../../contract/index.ts';
import { AdaptiveRate } from './adaptive-rate.ts';

/** From the providers' published limits, or the lower of two that contradict (providers.md 1.10, 2.5). */
export function defaultRateLimits({ options, environment }: Pick<Connection, 'options' | 'environment'>): RateLimit {
  if (options.provider === 'flinks') return { perSecond: 2, maxInFlight: 2 };
  return { perSecond: environment === 'production' ? 10 : 1, maxInFlight: 4 };
}

/** What an answer tells of the provider's limits. */
export interface RateLimitFeedback {
  readonly kind: string;
  readonly retryAfterMs?: number;
  /** Whether the provider itself said how long to wait. */
  readonly retryAfterProvided?: boolean;
  readonly evidence: { readonly rateLimit?: { readonly remaining: number; readonly resetMs: number } };
}

interface QueuedRequest {
  readonly start: () => void;
  readonly requiresPrepare: boolean;
}

interface ConnectionState {
  limits: RateLimit;
  readonly rate: AdaptiveRate;
  readonly queue: QueuedRequest[];
  inFlight: number;
  /** When the requests of the last second were sent. */
  readonly sentTimes: number[];
  /** Their turn has come, and what must be done before they may be sent is being done. */
  preparingCount: number;
  /** Prepared, and in flight as soon as one of those has its answer. */
  readonly preparedQueue: (() => void)[];
  /** All times by `performance.now()`: when the next request may begin. */
  nextStartAt: number;
  /** The provider asked to wait until then. */
  throttledUntil: number;
  /** How many requests more the provider takes until then, by its own account. */
  window: { remaining: number; readonly resetsAt: number } | null;
  timer: NodeJS.Timeout | null;
}

/** A timer that comes late is made good up to this, or the rate would always stay below what was set. A time that was blocked is not. */
const maxCatchUpMs = 50;
/** So many of those that may be in flight are prepared ahead, so that none stands still for a commit; none where few may. */
const prepareAheadRatio = 1 / 8;

/**
 * Spaces the requests of each connection. An operator's own request never waits for its turn: it begins at once and the
 * others wait the longer for it. Nothing is sent in bursts: a pause is not saved up. Below the limit that was set, the rate
 * follows the provider: what it says of its window (Xendit's `Rate-Limit-*`) is used up and not exceeded; where it only
 * says "too many requests" (429), the rate falls to what it took in the second before, and rises again slowly.
 */
export class RateLimiter {
  readonly #connectionStates = new Map<string, ConnectionState>();
  readonly #getInitialLimits: (connectionId: string) => RateLimit;

  constructor(getInitialLimits: (connectionId: string) => RateLimit) {
    this.#getInitialLimits = getInitialLimits;
  }

  /** An operator's own request: begins now, and counts. */
  async runNow<Value>(connectionId: string, action: () => Promise<Value>): Promise<Value> {
    const state = this.#getOrCreateState(connectionId);
    resetIdleClock(state);
    this.#reserveSlot(state);
    recordSent(state);
    return await this.#runAndRelease(state, action);
  }

  /** Waits for its turn, first come first served. Rejects with the signal's reason where that comes before the action begins. */
  async schedule<Value>(connectionId: string, signal: AbortSignal, action: () => Promise<Value>): Promise<Value> {
    const state = this.#getOrCreateState(connectionId);
    // Counted before the promise settles, so that the next in line does not begin meanwhile.
    await this.#enqueue(state, signal, false, () => {
      this.#reserveSlot(state);
      recordSent(state);
    });
    return await this.#runAndRelease(state, action);
  }

  /**
   * The same for what has something to do first that takes no place among those in flight, such as to record the intent.
   * Where that answers with false nothing is sent, no turn was taken and the answer is null.
   */
  async scheduleWithPrepare<Value>(
    connectionId: string,
    signal: AbortSignal,
    prepare: () => Promise<boolean>,
    action: () => Promise<Value>,
  ): Promise<Value | null> {
    const state = this.#getOrCreateState(connectionId);
    await this.#enqueue(state, signal, true, () => {
      this.#reserveSlot(state);
      state.preparingCount += 1;
    });
    let isWanted = false;
    try {
      isWanted = await prepare();
    } finally {
      state.preparingCount -= 1;
      if (!isWanted) this.#releaseSlot(state);
    }
    if (!isWanted) return null;
    if (state.inFlight < state.limits.maxInFlight && state.throttledUntil <= performance.now()) recordSent(state);
    else
      await waitInQueue(
        state.preparedQueue,
        signal,
        (go) => go,
        () => recordSent(state),
      );
    return await this.#runAndRelease(state, action);
  }

  async #enqueue(
    state: ConnectionState,
    signal: AbortSignal,
    requiresPrepare: boolean,
    begin: () => void,
  ): Promise<void> {
    resetIdleClock(state);
    const turn = waitInQueue(state.queue, signal, (start) => ({ start, requiresPrepare }), begin);
    this.#processQueue(state);
    await turn;
  }

  /** The provider asks to wait. A shorter wait never shortens a longer one. */
  pauseFor(connectionId: string, waitMs: number): void {
    const state = this.#getOrCreateState(connectionId);
    state.throttledUntil = Math.max(state.throttledUntil, performance.now() + waitMs);
    this.#processQueue(state);
  }

  /** Takes from an answer what it tells of the provider's limits. `begunAt`: when its request began, by `performance.now()`. */
  observe(
    connectionId: string,
    { kind, retryAfterMs, retryAfterProvided = true, evidence: { rateLimit } }: RateLimitFeedback,
    begunAt: number,
  ): void {
    const state = this.#getOrCreateState(connectionId);
    const now = performance.now();
    if (rateLimit) {
      // Of what was sent after this one its answer does not know.
      const later =
        state.sentTimes.filter((at) => at > begunAt).length + state.preparingCount + state.preparedQueue.length;
      state.window = { remaining: rateLimit.remaining - later, resetsAt: (begunAt + now) / 2 + rateLimit.resetMs };
    }
    if (kind === 'throttled') {
      const backoffMs =
        state.rate.decrease(begunAt, state.sentTimes.filter((at) => at > begunAt - 1_000 && at < begunAt).length) ?? 0;
      state.throttledUntil = Math.max(
        state.throttledUntil,
        now + backoffMs,
        now + (retryAfterProvided ? (retryAfterMs ?? 0) : 0),
      );
    } else state.rate.increase();
    this.#processQueue(state);
  }

  /** How long the provider still wants to be left alone, in milliseconds. */
  remainingDelayMs(connectionId: string): number {
    const state = this.#getOrCreateState(connectionId);
    return Math.max(0, Math.max(state.throttledUntil, getWindowExhaustedUntil(state)) - performance.now());
  }

  getLimits(connectionId: string): RateLimit {
    return this.#getOrCreateState(connectionId).limits;
  }

  /** What the provider's answers allow at the moment: at most the limit. */
  getAllowedPerSecond(connectionId: string): number {
    return this.#getOrCreateState(connectionId).rate.perSecond;
  }

  /** From now on, also for those that wait. */
  setLimits(connectionId: string, limits: RateLimit): void {
    const state = this.#getOrCreateState(connectionId);
    state.limits = limits;
    state.rate.setLimit(limits.perSecond);
    // A turn that was far away at the old rate may be near at the new one.
    state.nextStartAt = Math.min(state.nextStartAt, performance.now() + 1_000 / limits.perSecond);
    this.#processQueue(state);
  }

  async #runAndRelease<Value>(state: ConnectionState, action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } finally {
      state.inFlight -= 1;
      this.#processQueue(state);
    }
  }

  #reserveSlot(state: ConnectionState): void {
    const now = performance.now();
    state.nextStartAt =
      Math.max(state.nextStartAt, now - maxCatchUpMs, Math.min(now, getBlockedUntil(state))) +
      1_000 / state.rate.perSecond;
    if (state.window) state.window.remaining -= 1;
  }

  #releaseSlot(state: ConnectionState): void {
    state.nextStartAt -= 1_000 / state.rate.perSecond;
    if (state.window) state.window.remaining += 1;
    this.#processQueue(state);
  }

  #processQueue(state: ConnectionState): void {
    if (state.timer) clearTimeout(state.timer);
    state.timer = null;
    const {
      limits: { maxInFlight },
    } = state;
    const throttledMs = state.throttledUntil - performance.now();
    if (state.preparedQueue.length > 0 && throttledMs > 0) {
      state.timer = setTimeout(() => this.#processQueue(state), Math.ceil(throttledMs));
      return;
    }
    while (state.preparedQueue.length > 0 && state.inFlight < maxInFlight) state.preparedQueue.shift()?.();
    for (let first = state.queue[0]; first && hasCapacity(state, first); first = state.queue[0]) {
      const waitMs = Math.max(state.nextStartAt, getBlockedUntil(state)) - performance.now();
      if (waitMs > 0) {
        state.timer = setTimeout(() => this.#processQueue(state), Math.ceil(waitMs));
        return;
      }
      state.queue.shift();
      first.start();
    }
  }

  #getOrCreateState(connectionId: string): ConnectionState {
    let state = this.#connectionStates.get(connectionId);
    if (!state) {
      const limits = this.#getInitialLimits(connectionId);
      state = {
        limits,
        rate: new AdaptiveRate(limits.perSecond),
        queue: [],
        inFlight: 0,
        sentTimes: [],
        preparingCount: 0,
        preparedQueue: [],
        nextStartAt: 0,
        throttledUntil: 0,
        window: null,
        timer: null,
      };
      this.#connectionStates.set(connectionId, state);
    }
    return state;
  }
}

function hasCapacity(
  { limits, inFlight, preparingCount, preparedQueue }: ConnectionState,
  { requiresPrepare }: QueuedRequest,
): boolean {
  const taken = inFlight + preparingCount + preparedQueue.length;
  return taken < limits.maxInFlight + (requiresPrepare ? Math.floor(limits.maxInFlight * prepareAheadRatio) : 0);
}

/** Resolves when somebody calls what was put in the line; rejects with the signal's reason, and leaves the line, where that comes first. */
async function waitInQueue<Each>(
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
function resetIdleClock(state: ConnectionState): void {
  if (state.queue.length === 0) state.nextStartAt = Math.max(state.nextStartAt, performance.now());
}

/** Until when no turn is given, whatever the rate. */
function getBlockedUntil(state: ConnectionState): number {
  return Math.max(state.throttledUntil, getWindowExhaustedUntil(state), getPerSecondLimitReachedUntil(state));
}

/** Until when the provider's window is used up; long ago where it is not. */
function getWindowExhaustedUntil({ window }: ConnectionState): number {
  return window && window.remaining <= 0 ? window.resetsAt : 0;
}

/** Until when as many as a second allows were sent already: whatever was made good, no stretch of time holds more. */
function getPerSecondLimitReachedUntil({
  rate: { perSecond },
  sentTimes,
  preparingCount,
  preparedQueue,
}: ConnectionState): number {
  const count = Math.ceil(perSecond);
  const oldest = sentTimes[sentTimes.length + preparingCount + preparedQueue.length - count];
  return oldest === undefined ? 0 : oldest + (count / perSecond) * 1_000;
}

function recordSent(state: ConnectionState): void {
  const now = performance.now();
  state.inFlight += 1;
  state.sentTimes.push(now);
  // What is still under way may be a little older than a second.
  while ((state.sentTimes[0] ?? now) < now - 2_000) state.sentTimes.shift();
}
