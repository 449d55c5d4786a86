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

interface ConnectionState {
  limits: RateLimit;
  readonly rate: AdaptiveRate;
  /** Start functions of the requests that wait for a permit, in FIFO order. */
  readonly queue: (() => void)[];
  inFlight: number;
  /** When the requests of the last second were sent. */
  readonly sentTimes: number[];
  /** Permits whose request is not sent yet. */
  reservedCount: number;
  /** Start functions of the permits that wait until a request in flight or a pause ends. */
  readonly readyQueue: (() => void)[];
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
 * Share of the maximum number of requests in flight for which permits are given in advance, so that no request waits
 * for the commit of its intent. The result is rounded down, so with a low maximum no permit is given in advance.
 */
const prepareAheadRatio = 1 / 8;

/**
 * The permission to send one request on a connection. It is `reserved` until `send` starts the request, and `released`
 * after the request. Work between both, such as storing an intent, does not count as a request in flight.
 */
export class Permit {
  readonly #connection: ConnectionState;
  /** null for a request of the operator, which does not wait. */
  readonly #signal: AbortSignal | null;
  #state: 'reserved' | 'sent' | 'released' = 'reserved';

  constructor(connection: ConnectionState, signal: AbortSignal | null) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /**
   * Sends the request as soon as fewer requests than the maximum are in flight and the connection is not paused. Adapts
   * the rate to the result and releases the permit. Resolves to null, without sending, if the signal of the permit
   * aborts while the request waits.
   */
  async send<Result extends RateLimitFeedback>(request: () => Promise<Result>): Promise<Result | null> {
    const connection = this.#connection;
    const markSent = () => {
      this.#state = 'sent';
      countSent(connection);
    };
    try {
      const { inFlight, limits, throttledUntil, readyQueue } = connection;
      if (!this.#signal || (inFlight < limits.maxInFlight && throttledUntil <= performance.now())) markSent();
      else if (!(await waitInQueue(readyQueue, this.#signal, markSent))) return null;
      const sentAt = performance.now();
      const result = await request();
      adaptToResult(connection, result, sentAt);
      return result;
    } finally {
      this.release();
    }
  }

  /** Gives an unused permit back to the next request. Has no effect after `send`. */
  release(): void {
    const connection = this.#connection;
    if (this.#state === 'released') return;
    if (this.#state === 'sent') connection.inFlight -= 1;
    else {
      connection.reservedCount -= 1;
      connection.nextStartAt -= 1_000 / connection.rate.perSecond;
      if (connection.window) connection.window.remaining += 1;
    }
    this.#state = 'released';
    processQueues(connection);
  }
}

/**
 * Limits the requests of each connection. A request of the operator starts immediately, and other requests wait longer
 * instead. Requests are spaced evenly; unused capacity is not saved for a burst. Below the configured limit the rate
 * follows the provider. A reported window (Xendit's `Rate-Limit-*`) is used up and not exceeded. After a 429 without
 * such headers the rate falls to the number of requests that the provider accepted in the second before, and rises
 * again slowly.
 */
export class RateLimiter {
  readonly #connectionStates = new Map<string, ConnectionState>();
  readonly #getInitialLimits: (connectionId: string) => RateLimit;

  constructor(getInitialLimits: (connectionId: string) => RateLimit) {
    this.#getInitialLimits = getInitialLimits;
  }

  /** A permit for a request of the operator, which starts immediately. It counts for the limits. */
  acquireNow(connectionId: string): Permit {
    const connection = this.#getOrCreateState(connectionId);
    resetIdleClock(connection);
    reserve(connection);
    return new Permit(connection, null);
  }

  /** The next permit in FIFO order; null if the signal aborts first. Release it if no request is sent. */
  async acquire(connectionId: string, signal: AbortSignal): Promise<Permit | null> {
    const connection = this.#getOrCreateState(connectionId);
    resetIdleClock(connection);
    // Reserved before the promise settles, so that the next queued request does not start in the meantime.
    const isReserved = waitInQueue(connection.queue, signal, () => reserve(connection));
    processQueues(connection);
    return (await isReserved) ? new Permit(connection, signal) : null;
  }

  /** Pauses the connection for the time that the provider requires. A longer pause that is active stays. */
  pauseFor(connectionId: string, waitMs: number): void {
    const state = this.#getOrCreateState(connectionId);
    state.throttledUntil = Math.max(state.throttledUntil, performance.now() + waitMs);
    processQueues(state);
  }

  /** Adapts to the rate limit that a response shows. `sentAt` is when its request was sent, by `performance.now()`. */
  observe(connectionId: string, result: RateLimitFeedback, sentAt: number): void {
    adaptToResult(this.#getOrCreateState(connectionId), result, sentAt);
  }

  /** How long the connection stays paused because of the provider, in milliseconds. */
  remainingDelayMs(connectionId: string): number {
    const state = this.#getOrCreateState(connectionId);
    return Math.max(0, Math.max(state.throttledUntil, getWindowExhaustedUntil(state)) - performance.now());
  }

  getInFlight(connectionId: string): number {
    return this.#getOrCreateState(connectionId).inFlight;
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
    processQueues(state);
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
        reservedCount: 0,
        readyQueue: [],
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

/** Takes the next start time. The permit counts as reserved until its request is sent or the permit is released. */
function reserve(connection: ConnectionState): void {
  const now = performance.now();
  const startAt = Math.max(connection.nextStartAt, now - maxCatchUpMs, Math.min(now, getBlockedUntil(connection)));
  connection.nextStartAt = startAt + 1_000 / connection.rate.perSecond;
  if (connection.window) connection.window.remaining -= 1;
  connection.reservedCount += 1;
}

function countSent(connection: ConnectionState): void {
  const now = performance.now();
  const { sentTimes } = connection;
  connection.reservedCount -= 1;
  connection.inFlight += 1;
  sentTimes.push(now);
  // Keeps two seconds: `adaptToResult` needs the second before the start of a request that is still in flight.
  while ((sentTimes[0] ?? now) < now - 2_000) sentTimes.shift();
}

function adaptToResult(
  connection: ConnectionState,
  { kind, retryAfterMs, retryAfterProvided = true, evidence: { rateLimit } }: RateLimitFeedback,
  sentAt: number,
): void {
  const now = performance.now();
  const { sentTimes, rate, reservedCount } = connection;
  if (rateLimit) {
    // The response does not count the requests that were sent after its own request.
    const laterCount = sentTimes.filter((at) => at > sentAt).length + reservedCount;
    const resetsAt = (sentAt + now) / 2 + rateLimit.resetMs;
    connection.window = { remaining: rateLimit.remaining - laterCount, resetsAt };
  }
  if (kind === 'throttled') {
    const recentCount = sentTimes.filter((at) => at > sentAt - 1_000 && at < sentAt).length;
    const backoffMs = rate.decrease(sentAt, recentCount) ?? 0;
    const requiredMs = retryAfterProvided ? (retryAfterMs ?? 0) : 0;
    connection.throttledUntil = Math.max(connection.throttledUntil, now + backoffMs, now + requiredMs);
  } else rate.increase();
  processQueues(connection);
}

/** Starts the requests that may start now, and sets the timer for the next one. */
function processQueues(connection: ConnectionState): void {
  if (connection.timer) clearTimeout(connection.timer);
  connection.timer = null;
  const continueAfter = (waitMs: number) => {
    connection.timer = setTimeout(() => processQueues(connection), Math.ceil(waitMs));
  };
  const { queue, readyQueue, limits } = connection;
  const throttledMs = connection.throttledUntil - performance.now();
  if (readyQueue.length > 0 && throttledMs > 0) return continueAfter(throttledMs);
  while (readyQueue.length > 0 && connection.inFlight < limits.maxInFlight) readyQueue.shift()?.();
  const maxPermits = limits.maxInFlight + Math.floor(limits.maxInFlight * prepareAheadRatio);
  while (queue.length > 0 && connection.inFlight + connection.reservedCount < maxPermits) {
    const waitMs = Math.max(connection.nextStartAt, getBlockedUntil(connection)) - performance.now();
    if (waitMs > 0) return continueAfter(waitMs);
    queue.shift()?.();
  }
}

/**
 * Adds a start function to the queue and resolves to true when it was called, after `onStart`. If the signal aborts
 * first, removes the function and resolves to false.
 */
async function waitInQueue(queue: (() => void)[], signal: AbortSignal, onStart: () => void): Promise<boolean> {
  if (signal.aborted) return false;
  return await new Promise((resolve) => {
    const start = () => {
      signal.removeEventListener('abort', leave);
      onStart();
      resolve(true);
    };
    const leave = () => {
      queue.splice(queue.indexOf(start), 1);
      resolve(false);
    };
    signal.addEventListener('abort', leave, { once: true });
    queue.push(start);
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
function getPerSecondLimitReachedUntil({ rate: { perSecond }, sentTimes, reservedCount }: ConnectionState): number {
  const count = Math.ceil(perSecond);
  const oldestSentAt = sentTimes[sentTimes.length + reservedCount - count];
  return oldestSentAt === undefined ? 0 : oldestSentAt + (count / perSecond) * 1_000;
}
