/**
 * Limits the rate of calls of one page. The preload applies the limits, so that a script in the page cannot keep the
 * main process busy; the hosts apply them again, because the process of the page may be taken over. Without zod,
 * because the preload bundles this file.
 */
import type { Envelope } from './errors.ts';
import { app } from './messages/app.ts';

export const callLimits = {
  /** Calls in a burst, after an idle period. */
  burst: 1_000,
  /** Sustained calls per second. Scrolling through a million rows causes about 10 to 50. */
  perSecond: 200,
  /** Calls without a response. */
  maxPending: 500,
} as const;

type CallLimits = Readonly<Record<keyof typeof callLimits, number>>;

/** The same object for all rejected calls, so that a rejection costs almost nothing. */
export const tooManyCalls: Envelope<never> = {
  ok: false,
  error: {
    code: 'too_many_calls',
    message: app.tooManyCalls,
    messageKey: 'app.tooManyCalls',
    params: {},
    retryable: true,
    details: {},
  },
};

export class CallLimiter {
  readonly #limits: CallLimits;
  readonly #now: () => number;
  #tokens: number;
  #refilledAt: number;
  #pending = 0;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(limits: CallLimits = callLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#tokens = limits.burst;
    this.#refilledAt = now();
  }

  /** Runs a call, or fails with too_many_calls before its input is read. */
  async run<Value>(call: () => Promise<Envelope<Value>>): Promise<Envelope<Value>> {
    const { burst, perSecond, maxPending } = this.#limits;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1_000) * perSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1 || this.#pending >= maxPending) return tooManyCalls;
    this.#tokens -= 1;
    this.#pending += 1;
    try {
      return await call();
    } finally {
      this.#pending -= 1;
    }
  }
}
