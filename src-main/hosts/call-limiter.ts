/** Limits the rate of calls from one renderer. An operator stays far below the limits. */
import { createMessage } from '../contract/index.ts';
import type { Envelope } from '../contract/index.ts';
import { errorEnvelope } from './dispatch.ts';

export const callLimits = {
  /** Calls in a burst, after an idle period. */
  burst: 1_000,
  /** Sustained calls per second. Scrolling through a million rows causes about 10 to 50. */
  perSecond: 200,
  /** Calls without a response. */
  maxPending: 500,
} as const;

type CallLimits = Readonly<Record<keyof typeof callLimits, number>>;

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
  async run(call: () => Promise<Envelope<unknown>>): Promise<Envelope<unknown>> {
    const { burst, perSecond, maxPending } = this.#limits;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1_000) * perSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1 || this.#pending >= maxPending) {
      return errorEnvelope('too_many_calls', createMessage('app.tooManyCalls'), {}, true);
    }
    this.#tokens -= 1;
    this.#pending += 1;
    try {
      return await call();
    } finally {
      this.#pending -= 1;
    }
  }
}
