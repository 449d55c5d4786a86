/** Faults that a test can enable while the simulator runs. */
import type { ProviderName } from '../../contract/index.ts';
import { seededRandom } from './random.ts';

export const routeKinds = ['authorize', 'cancel', 'read'] as const;
export type RouteKind = (typeof routeKinds)[number];

/**
 * `processed` is the default for `FaultRule.processed`; null if the fault has no such option. `routes` are the routes
 * on which the fault can occur.
 */
export const faultDefinitions = {
  /** A correct response that is late. */
  latency: { processed: null, routes: routeKinds },
  /**
   * 429. From Xendit with `Rate-Limit-*`; from Flinks, which documents no header, with `Retry-After` if the rule has a
   * time.
   */
  throttled: { processed: null, routes: routeKinds },
  /** 500. */
  server_error: { processed: false, routes: routeKinds },
  /** 503 with an HTML page instead of JSON, as from a load balancer. */
  unavailable: { processed: false, routes: routeKinds },
  /** The connection is reset before any byte of a response. */
  reset: { processed: false, routes: routeKinds },
  /** No response; the connection stays open. */
  hang: { processed: false, routes: routeKinds },
  /** The headers of a 200 and half of its body; then the connection closes. */
  cut_body: { processed: true, routes: routeKinds },
  /** 200 with an HTML page, as from a captive portal. */
  html_body: { processed: false, routes: routeKinds },
  /** 200 with invalid JSON. */
  broken_json: { processed: true, routes: routeKinds },
  /** 200 without a body. */
  empty_body: { processed: true, routes: routeKinds },
  /** 200 with the ID of another session. */
  wrong_id: { processed: false, routes: ['cancel', 'read'] },
  /**
   * 200 with an unexpected status: the unchanged status if the request is not processed, otherwise an undocumented one.
   */
  unexpected_status: { processed: false, routes: ['cancel', 'read'] },
  /** 401: the token has just expired (Flinks), or the key is refused once (Xendit). */
  expired_token: { processed: null, routes: ['cancel', 'read'] },
  /** 307 to another path of this server, which logs each request. */
  redirect: { processed: null, routes: routeKinds },
} as const satisfies Record<string, { processed: boolean | null; routes: readonly RouteKind[] }>;

export type FaultKind = keyof typeof faultDefinitions;
export const faultKinds = Object.keys(faultDefinitions) as FaultKind[];

export interface FaultRule {
  readonly route: RouteKind;
  readonly fault: FaultKind;
  /** Only at this provider; at both if absent. */
  readonly provider?: ProviderName;
  /** Only for this session. */
  readonly sessionId?: string;
  /** The first `skip` matching requests have no fault. */
  readonly skip?: number;
  /** How often the fault occurs; always if absent. */
  readonly times?: number;
  /** From 0 to 1, decided by the seeded random numbers; 1 if absent. */
  readonly probability?: number;
  /** Whether the request takes effect before the fault; the default is in `faultDefinitions`. */
  readonly processed?: boolean;
  /** For `latency`, in milliseconds; 300 if absent. The delay ends early when the rules are replaced. */
  readonly delayMs?: number;
  /** For `throttled`: how long to wait, fractional. If absent, 1.37 at Xendit and no `Retry-After` from Flinks. */
  readonly waitSeconds?: number;
}

/** The faults of one request: a delay, and at most one other fault. */
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
  const definition = Object.hasOwn(faultDefinitions, rule.fault) ? faultDefinitions[rule.fault] : undefined;
  if (definition === undefined) throw new Error(`The fault "${String(rule.fault)}" does not exist.`);
  const routes: readonly RouteKind[] = definition.routes;
  if (!routes.includes(rule.route)) throw new Error(`The fault ${rule.fault} cannot occur on the route ${rule.route}.`);
  if (definition.processed === null && rule.processed !== undefined) {
    throw new Error(`The fault ${rule.fault} has no option "processed".`);
  }
}

export class FaultInjector {
  #rules: { readonly rule: FaultRule; remainingSkips: number; remainingTimes: number }[] = [];
  #random = seededRandom(1);
  #replacedController = new AbortController();

  /** Aborted when the rules are replaced: then the delays of the present rules end. */
  get replacedSignal(): AbortSignal {
    return this.#replacedController.signal;
  }

  /** Replaces all rules; an empty list disables all faults. Throws if a rule is invalid. */
  setRules(rules: readonly FaultRule[], seed = 1): void {
    rules.forEach(validateRule);
    this.#replacedController.abort();
    this.#replacedController = new AbortController();
    this.#rules = rules.map((rule) => ({
      rule,
      remainingSkips: rule.skip ?? 0,
      remainingTimes: rule.times ?? Infinity,
    }));
    this.#random = seededRandom(seed);
  }

  /** Selects the faults of one request. The same requests in the same order get the same faults. */
  selectFault(target: FaultTarget): SelectedFault {
    let delayMs = 0;
    for (const entry of this.#rules) {
      const { rule } = entry;
      const matches =
        rule.route === target.route &&
        (rule.provider === undefined || rule.provider === target.provider) &&
        (rule.sessionId === undefined || rule.sessionId === target.id);
      if (!matches || entry.remainingTimes <= 0) continue;
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
