/** How many calls one screen may make: far more than a person ever causes, far fewer than could drown the process. */
import type { Envelope } from '../contract/index.ts';
import { refusal } from './dispatch.ts';

export const callLimits = {
  /** At once, after a quiet while. */
  burst: 1_000,
  /** A second, from then on: a page that scrolls through a million rows asks some tens. */
  perSecond: 200,
  /** Not answered yet. */
  waiting: 500,
} as const;

type Limits = Readonly<Record<keyof typeof callLimits, number>>;

export class Turnstile {
  readonly #limits: Limits;
  readonly #now: () => number;
  #allowance: number;
  #countedAt: number;
  #waiting = 0;

  /** `now` in milliseconds, never going back. */
  constructor(limits: Limits = callLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#allowance = limits.burst;
    this.#countedAt = now();
  }

  /** Lets a call through, or refuses it before anything of it is looked at. */
  async pass(call: () => Promise<Envelope<unknown>>): Promise<Envelope<unknown>> {
    const { burst, perSecond, waiting } = this.#limits;
    const now = this.#now();
    this.#allowance = Math.min(burst, this.#allowance + ((now - this.#countedAt) / 1_000) * perSecond);
    this.#countedAt = now;
    if (this.#allowance < 1 || this.#waiting >= waiting) {
      return refusal(
        'too_many_calls',
        'The screen asks for too much at once. Wait a moment, then try again.',
        {},
        true,
      );
    }
    this.#allowance -= 1;
    this.#waiting += 1;
    try {
      return await call();
    } finally {
      this.#waiting -= 1;
    }
  }
}
