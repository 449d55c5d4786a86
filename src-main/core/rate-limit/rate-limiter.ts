import type { Connection, RateLimit } from '../../contract/index.ts';
import { AdaptiveRate } from './adaptive-rate.ts';

/**
 * The limits that the providers publish, or the lower one of two that contradict each other (providers.md 1.10, 2.5).
 */
export function defaultRateLimits({ options, environment }: Pick<Connection, 'options' | 'environment'>): RateLimit {
  if (options.provider === 'flinks') return { perSecond: 2, maxInFlight: 2 };
  return { perSecond: environment === 'production' ? 10 : 1, maxInFlight: 4 };
}

/** The parts of a response that concern the provider's rate limit. */
export interface RateLimitFeedback {
  readonly kind: string;
  readonly retryAfterMs?: number;
  /** Whether the provider sent the time to wait. If not, `retryAfterMs` is a default. */
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
  /** Requests that left the queue and are running their `prepare` step. */
  preparingCount: number;
  /** Prepared requests that wait until a request in flight ends. */
  readonly preparedQueue: (() => void)[];
  /** When the next request may start. All times are by `performance.now()`. */
  nextStartAt: number;
  /** Until this time no request is sent, as the provider requires. */
  throttledUntil: number;
  /** The rate limit window of the provider: it accepts `remaining` more requests until `resetsAt`. */
  window: { remaining: number; readonly resetsAt: number } | null;
  timer: NodeJS.Timeout | null;
}

/**
 * A late timer is compensated up to this time; otherwise the rate would always stay below the limit. Time in which
 * requests were blocked is not compensated.
 */
const maxCatchUpMs = 50;
/**
 * Share of the maximum number of requests in flight that is prepared in advance, so that no request waits for a commit.
 * The result is rounded down, so with a low maximum nothing is prepared in advance.
 */
const prepareAheadRatio = 1 / 8;

/**
 * Limits the requests of each connection. A request of the operator starts immediately, and scheduled requests wait
 * longer instead. Requests are spaced evenly; unused capacity is not saved for a burst. Below the configured limit the
 * rate follows the provider. A reported window (Xendit's `Rate-Limit-*`) is used up and not exceeded. After a 429
 * without such headers the rate falls to the number of requests that the provider accepted in the second before, and
 * rises again slowly.
 */
export class RateLimiter {
  readonly #connectionStates = new Map<string, ConnectionState>();
  readonly #getInitialLimits: (connectionId: string) => RateLimit;

  constructor(getInitialLimits: (connectionId: string) => RateLimit) {
    this.#getInitialLimits = getInitialLimits;
  }

  /** Runs a request of the operator immediately. It counts for the limits. */
  async runNow<Value>(connectionId: string, action: () => Promise<Value>): Promise<Value> {
    const state = this.#getOrCreateState(connectionId);
    resetIdleClock(state);
    this.#reserveSlot(state);
    recordSent(state);
    return await this.#runAndRelease(state, action);
  }

  /** Runs the action in FIFO order. Rejects with the signal's reason if the signal aborts before the action starts. */
  async schedule<Value>(connectionId: string, signal: AbortSignal, action: () => Promise<Value>): Promise<Value> {
    const state = this.#getOrCreateState(connectionId);
    // Counted before the promise settles, so that the next queued request does not start in the meantime.
    await this.#enqueue(state, signal, false, () => {
      this.#reserveSlot(state);
      recordSent(state);
    });
    return await this.#runAndRelease(state, action);
  }

  /**
   * As `schedule`, with a step before the action that does not count as a request in flight, such as storing the
   * intent. If `prepare` resolves to false, the action does not run, the slot is released and the result is null.
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
    let isPrepared = false;
    try {
      isPrepared = await prepare();
    } finally {
      state.preparingCount -= 1;
      if (!isPrepared) this.#releaseSlot(state);
    }
    if (!isPrepared) return null;
    if (state.inFlight < state.limits.maxInFlight && state.throttledUntil <= performance.now()) recordSent(state);
    else
      await waitInQueue(
        state.preparedQueue,
        signal,
        (start) => start,
        () => recordSent(state),
      );
    return await this.#runAndRelease(state, action);
  }

  async #enqueue(
    state: ConnectionState,
    signal: AbortSignal,
    requiresPrepare: boolean,
    onStart: () => void,
  ): Promise<void> {
    resetIdleClock(state);
    const started = waitInQueue(state.queue, signal, (start) => ({ start, requiresPrepare }), onStart);
    this.#processQueue(state);
    await started;
  }

  /** Pauses the connection for the time that the provider requires. A longer pause that is active stays. */
  pauseFor(connectionId: string, waitMs: number): void {
    const state = this.#getOrCreateState(connectionId);
    state.throttledUntil = Math.max(state.throttledUntil, performance.now() + waitMs);
    this.#processQueue(state);
  }

  /** Adapts to the rate limit that a response shows. `sentAt` is when its request was sent, by `performance.now()`. */
  observe(
    connectionId: string,
    { kind, retryAfterMs, retryAfterProvided = true, evidence: { rateLimit } }: RateLimitFeedback,
    sentAt: number,
  ): void {
    const state = this.#getOrCreateState(connectionId);
    const now = performance.now();
    if (rateLimit) {
      // The response does not count the requests that were sent after its own request.
      const laterCount =
        state.sentTimes.filter((at) => at > sentAt).length + state.preparingCount + state.preparedQueue.length;
      state.window = { remaining: rateLimit.remaining - laterCount, resetsAt: (sentAt + now) / 2 + rateLimit.resetMs };
    }
    if (kind === 'throttled') {
      const recentCount = state.sentTimes.filter((at) => at > sentAt - 1_000 && at < sentAt).length;
      const backoffMs = state.rate.decrease(sentAt, recentCount) ?? 0;
      state.throttledUntil = Math.max(
        state.throttledUntil,
        now + backoffMs,
        now + (retryAfterProvided ? (retryAfterMs ?? 0) : 0),
      );
    } else state.rate.increase();
    this.#processQueue(state);
  }

  /** How long the connection stays paused because of the provider, in milliseconds. */
  remainingDelayMs(connectionId: string): number {
    const state = this.#getOrCreateState(connectionId);
    return Math.max(0, Math.max(state.throttledUntil, getWindowExhaustedUntil(state)) - performance.now());
  }

  getLimits(connectionId: string): RateLimit {
    return this.#getOrCreateState(connectionId).limits;
  }

  /** The rate that the responses of the provider allow at present: at most the limit. */
  getAllowedPerSecond(connectionId: string): number {
    return this.#getOrCreateState(connectionId).rate.perSecond;
  }

  /** Applies immediately, also to queued requests. */
  setLimits(connectionId: string, limits: RateLimit): void {
    const state = this.#getOrCreateState(connectionId);
    state.limits = limits;
    state.rate.setLimit(limits.perSecond);
    // The next start may be far away at the old rate and near at the new one.
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
    for (let next = state.queue[0]; next && hasCapacity(state, next); next = state.queue[0]) {
      const waitMs = Math.max(state.nextStartAt, getBlockedUntil(state)) - performance.now();
      if (waitMs > 0) {
        state.timer = setTimeout(() => this.#processQueue(state), Math.ceil(waitMs));
        return;
      }
      state.queue.shift();
      next.start();
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
  const usedSlots = inFlight + preparingCount + preparedQueue.length;
  return usedSlots < limits.maxInFlight + (requiresPrepare ? Math.floor(limits.maxInFlight * prepareAheadRatio) : 0);
}

/**
 * Adds an entry to the queue and resolves when its start function is called. If the signal aborts first, removes the
 * entry and rejects with the signal's reason.
 */
async function waitInQueue<Entry>(
  queue: Entry[],
  signal: AbortSignal,
  createEntry: (start: () => void) => Entry,
  onStart: () => void,
): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const entry = createEntry(() => {
      signal.removeEventListener('abort', removeEntry);
      onStart();
      resolve();
    });
    const removeEntry = () => {
      queue.splice(queue.indexOf(entry), 1);
      reject(
        signal.reason instanceof Error ? signal.reason : new Error('The request was stopped while it was queued.'),
      );
    };
    signal.addEventListener('abort', removeEntry, { once: true });
    queue.push(entry);
  });
}

/** With an empty queue no time was lost, so there is no late timer to compensate. */
function resetIdleClock(state: ConnectionState): void {
  if (state.queue.length === 0) state.nextStartAt = Math.max(state.nextStartAt, performance.now());
}

/** Until when no queued request starts, whatever the rate. */
function getBlockedUntil(state: ConnectionState): number {
  return Math.max(state.throttledUntil, getWindowExhaustedUntil(state), getPerSecondLimitReachedUntil(state));
}

/** Until when the provider's window is used up; 0 if it is not. */
function getWindowExhaustedUntil({ window }: ConnectionState): number {
  return window && window.remaining <= 0 ? window.resetsAt : 0;
}

/**
 * Until when the limit per second is reached. It bounds the compensation of late timers: no second holds more requests.
 */
function getPerSecondLimitReachedUntil({
  rate: { perSecond },
  sentTimes,
  preparingCount,
  preparedQueue,
}: ConnectionState): number {
  const count = Math.ceil(perSecond);
  const oldestSentAt = sentTimes[sentTimes.length + preparingCount + preparedQueue.length - count];
  return oldestSentAt === undefined ? 0 : oldestSentAt + (count / perSecond) * 1_000;
}

function recordSent(state: ConnectionState): void {
  const now = performance.now();
  state.inFlight += 1;
  state.sentTimes.push(now);
  // Keeps two seconds: `observe` needs the second before the start of a request that is still in flight.
  while ((state.sentTimes[0] ?? now) < now - 2_000) state.sentTimes.shift();
}
