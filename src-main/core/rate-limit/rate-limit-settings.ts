import type { BatchIssue, ParsedInput, Connection, RateLimit, ConnectionRateLimit } from '../../contract/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { defaultRateLimits, type RateLimiter } from './rate-limiter.ts';

interface RateLimitSettingsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: Pick<CircuitBreaker<never, BatchIssue>, 'getIssue'>;
}

/** The rate limits of the connections that the operator has set. They are stored. */
export class RateLimitSettings {
  readonly #dependencies: RateLimitSettingsDependencies;

  constructor(dependencies: RateLimitSettingsDependencies) {
    this.#dependencies = dependencies;
  }

  /** After a start: applies the stored rate limits. */
  async recover(): Promise<void> {
    for (const { connectionId, perSecond, inFlight: maxInFlight } of await this.#dependencies.store.run(
      'rateLimits',
      null,
    ))
      this.#dependencies.rateLimiter.setLimits(connectionId, { perSecond, maxInFlight });
  }

  list(): ConnectionRateLimit[] {
    return this.#dependencies.connections.list().map((connection) => this.#toView(connection));
  }

  get(connectionId: string): ConnectionRateLimit {
    return this.#toView(this.#dependencies.connections.get(connectionId));
  }

  async change({
    connectionId,
    perSecond,
    maxInFlight,
  }: ParsedInput<'rateLimits.change'>): Promise<ConnectionRateLimit> {
    const connection = this.#dependencies.connections.get(connectionId);
    const limits: RateLimit = { perSecond, maxInFlight };
    await this.#dependencies.store.run('putRateLimit', {
      row: { connectionId, perSecond, inFlight: maxInFlight },
      audit: { action: 'pace_changed', ...auditFields(connection), detail: { kind: 'rate_limit', ...limits } },
    });
    this.#dependencies.rateLimiter.setLimits(connectionId, limits);
    return this.#toView(connection);
  }

  #toView(connection: Connection): ConnectionRateLimit {
    const { id } = connection;
    const rateLimit = this.#dependencies.rateLimiter.getLimits(id);
    return {
      connectionId: id,
      rateLimit,
      defaultRateLimit: defaultRateLimits(connection),
      allowedPerSecond: this.#dependencies.rateLimiter.getAllowedPerSecond(id),
      throttledSeconds: Math.ceil(this.#dependencies.rateLimiter.remainingDelayMs(id) / 1_000),
      issue: this.#dependencies.circuitBreaker.getIssue(id),
    };
  }
}
