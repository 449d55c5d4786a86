import type { BatchIssue, ParsedInput, Connection, RateLimit, ConnectionRateLimit } from '../../contract/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import { defaultRateLimits, type RateLimiter } from './rate-limiter.ts';

/** The rate limits of the connections that the operator has set. They are stored. */
export class RateLimitSettings {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #rateLimiter: RateLimiter;
  readonly #getIssue: (connectionId: string) => BatchIssue | null;

  constructor(dependencies: {
    store: Store;
    connections: Connections;
    rateLimiter: RateLimiter;
    getIssue(connectionId: string): BatchIssue | null;
  }) {
    ({
      store: this.#store,
      connections: this.#connections,
      rateLimiter: this.#rateLimiter,
      getIssue: this.#getIssue,
    } = dependencies);
  }

  /** After a start: applies the stored rate limits. */
  async recover(): Promise<void> {
    for (const { connectionId, perSecond, inFlight: maxInFlight } of await this.#store.run('rateLimits', null))
      this.#rateLimiter.setLimits(connectionId, { perSecond, maxInFlight });
  }

  list(): ConnectionRateLimit[] {
    return this.#connections.list().map((connection) => this.#toView(connection));
  }

  get(connectionId: string): ConnectionRateLimit {
    return this.#toView(this.#connections.get(connectionId));
  }

  async update({
    connectionId,
    perSecond,
    maxInFlight,
  }: ParsedInput<'rateLimits.change'>): Promise<ConnectionRateLimit> {
    const connection = this.#connections.get(connectionId);
    const limits: RateLimit = { perSecond, maxInFlight };
    await this.#store.run('putRateLimit', {
      row: { connectionId, perSecond, inFlight: maxInFlight },
      audit: { action: 'pace_changed', ...auditFields(connection), detail: { kind: 'rate_limit', ...limits } },
    });
    this.#rateLimiter.setLimits(connectionId, limits);
    return this.#toView(connection);
  }

  #toView(connection: Connection): ConnectionRateLimit {
    const { id } = connection;
    const rateLimit = this.#rateLimiter.getLimits(id);
    return {
      connectionId: id,
      rateLimit,
      defaultRateLimit: defaultRateLimits(connection),
      allowedPerSecond: this.#rateLimiter.getAllowedPerSecond(id),
      throttledSeconds: Math.ceil(this.#rateLimiter.remainingDelayMs(id) / 1_000),
      issue: this.#getIssue(id),
    };
  }
}
