/** How many calls one screen may make: far more than a person ever causes, far fewer than could drown the process. */
import type { Envelope } from '../contract/index.ts';
import { errorEnvelope } from './dispatch.ts';

export const callLimits = {
  /** At once, after a quiet while. */
  burst: 1_000,
  /** A second, from then on: a page that scrolls through a million rows asks some tens. */
  perSecond: 200,
  /** Not answered yet. */
  maxPending: 500,
} as const;

type CallLimits = Readonly<Record<keyof typeof callLimits, number>>;

export class CallLimiter {
  readonly #limits: CallLimits;
  readonly #now: () => number;
  #tokens: number;
  #refilledAt: number;
  #pending = 0;

  /** `now` in milliseconds, never going back. */
  constructor(limits: CallLimits = callLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#tokens = limits.burst;
    this.#refilledAt = now();
  }

  /** Lets a call through, or refuses it before anything of it is looked at. */
  async run(call: () => Promise<Envelope<unknown>>): Promise<Envelope<unknown>> {
    const { burst, perSecond, maxPending } = this.#limits;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1_000) * perSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1 || this.#pending >= maxPending) {
      return errorEnvelope(
        'too_many_calls',
        'The screen asks for too much at once. Wait a moment, then try again.',
        {},
        true,
      );
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
