/** Faults that can be switched on while the simulator runs: which request goes wrong, and how. */
import type { ProviderName } from '../../contract/index.ts';
import { seededRandom } from './random.ts';

export const routeKinds = ['authorize', 'cancel', 'read'] as const;
export type RouteKind = (typeof routeKinds)[number];

/**
 * `processed` is whether the request takes effect before it goes wrong, where a rule does not say:
 * null where the fault leaves no choice. `routes` is where the fault can happen.
 */
export const faultDefinitions = {
  /** Answers late, and well. */
  latency: { processed: null, routes: routeKinds },
  /** 429: from Xendit with `Rate-Limit-*`; from Flinks, which documents none, with `Retry-After` if told to. */
  throttled: { processed: null, routes: routeKinds },
  /** 500. */
  server_error: { processed: false, routes: routeKinds },
  /** 503 with a page instead of JSON, as a load balancer gives. */
  unavailable: { processed: false, routes: routeKinds },
  /** The connection is reset without a byte of an answer. */
  reset: { processed: false, routes: routeKinds },
  /** Never answers; the connection stays open. */
  hang: { processed: false, routes: routeKinds },
  /** The headers of a 200 and half of its body, then the connection ends. */
  cut_body: { processed: true, routes: routeKinds },
  /** 200 with a page, as a captive portal gives. */
  html_body: { processed: false, routes: routeKinds },
  /** 200 with JSON that does not parse. */
  broken_json: { processed: true, routes: routeKinds },
  /** 200 without a body. */
  empty_body: { processed: true, routes: routeKinds },
  /** 200 that speaks of another session. */
  wrong_id: { processed: false, routes: ['cancel', 'read'] },
  /** 200 with a status the request should not lead to: unchanged where not processed, else a word nobody knows. */
  unexpected_status: { processed: false, routes: ['cancel', 'read'] },
  /** 401: the token has just ended (Flinks), or the key is refused for once (Xendit). */
  expired_token: { processed: null, routes: ['cancel', 'read'] },
  /** 307 to another path of this server, which logs who follows. */
  redirect: { processed: null, routes: routeKinds },
} as const satisfies Record<string, { processed: boolean | null; routes: readonly RouteKind[] }>;

export type FaultKind = keyof typeof faultDefinitions;
export const faultKinds = Object.keys(faultDefinitions) as FaultKind[];

export interface FaultRule {
  readonly route: RouteKind;
  readonly fault: FaultKind;
  /** Only at this provider; both where absent. */
  readonly provider?: ProviderName;
  /** Only for this session. */
  readonly sessionId?: string;
  /** Lets this many matching requests pass first. */
  readonly skip?: number;
  /** Happens this many times, then no more; always where absent. */
  readonly times?: number;
  /** From 0 to 1, drawn from the seed; 1 where absent. */
  readonly probability?: number;
  /** Whether the request takes effect before it goes wrong; see `faultTable` for what happens where absent. */
  readonly processed?: boolean;
  /** For `latency`; 300 where absent. */
  readonly delayMs?: number;
  /** For `throttled`: how long to wait, fractional; where absent 1.37 at Xendit, and no word of it from Flinks. */
  readonly waitSeconds?: number;
}

/** The fault of one request: at most one that spoils it, and a delay that may come on top. */
export interface SelectedFault {
  readonly delayMs: number;
  readonly rule: FaultRule | null;
}

export interface FaultTarget {
  readonly provider: ProviderName;
  readonly route: RouteKind;
  readonly id: string | null;
}

function validateRule(rule: FaultRule): void {
  const known = Object.hasOwn(faultDefinitions, rule.fault) ? faultDefinitions[rule.fault] : undefined;
  if (known === undefined) throw new Error(`There is no fault "${String(rule.fault)}".`);
  const routes: readonly RouteKind[] = known.routes;
  if (!routes.includes(rule.route)) throw new Error(`The fault ${rule.fault} cannot happen on ${rule.route}.`);
  if (known.processed === null && rule.processed !== undefined) {
    throw new Error(`The fault ${rule.fault} takes no "processed".`);
  }
}

export class FaultInjector {
  #rules: { readonly rule: FaultRule; remainingSkips: number; remainingTimes: number }[] = [];
  #random = seededRandom(1);

  /** Replaces all rules; an empty list ends all faults. Throws for a rule that makes no sense. */
  setRules(rules: readonly FaultRule[], seed = 1): void {
    rules.forEach(validateRule);
    this.#rules = rules.map((rule) => ({
      rule,
      remainingSkips: rule.skip ?? 0,
      remainingTimes: rule.times ?? Infinity,
    }));
    this.#random = seededRandom(seed);
  }

  /** Draws for one request: the same requests in the same order meet the same faults. */
  selectFault(subject: FaultTarget): SelectedFault {
    let delayMs = 0;
    for (const entry of this.#rules) {
      const { rule } = entry;
      const meant =
        rule.route === subject.route &&
        (rule.provider === undefined || rule.provider === subject.provider) &&
        (rule.sessionId === undefined || rule.sessionId === subject.id);
      if (!meant || entry.remainingTimes <= 0) continue;
      if (entry.remainingSkips > 0) {
        entry.remainingSkips -= 1;
        continue;
      }
      if (this.#random() >= (rule.probability ?? 1)) continue;
      entry.remainingTimes -= 1;
      if (rule.fault !== 'latency') return { delayMs, rule };
      delayMs += rule.delayMs ?? 300;
    }
    return { delayMs, rule: null };
  }
}
