import type { BatchTrouble, CheckedInput, Connection, PaceLimits, PaceOfConnection } from '../../contract/index.ts';
import { auditFacts, type Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import { usualLimits, type Pace } from './rate-limiter.ts';

/** The pace of each connection as the operator has set it; it outlives the run. */
export class Paces {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #pace: Pace;
  readonly #trouble: (connectionId: string) => BatchTrouble | null;

  constructor(parts: {
    store: Store;
    connections: Connections;
    pace: Pace;
    trouble(connectionId: string): BatchTrouble | null;
  }) {
    ({ store: this.#store, connections: this.#connections, pace: this.#pace, trouble: this.#trouble } = parts);
  }

  /** Takes over what was set in earlier runs. */
  async recover(): Promise<void> {
    for (const { connectionId, perSecond, inFlight } of await this.#store.run('paces', null))
      this.#pace.setLimits(connectionId, { perSecond, inFlight });
  }

  list(): PaceOfConnection[] {
    return this.#connections.list().map((connection) => this.#view(connection));
  }

  of(connectionId: string): PaceOfConnection {
    return this.#view(this.#connections.get(connectionId));
  }

  async change({ connectionId, perSecond, inFlight }: CheckedInput<'pace.change'>): Promise<PaceOfConnection> {
    const connection = this.#connections.get(connectionId);
    const limits: PaceLimits = { perSecond, inFlight };
    const detail = `${perSecond} a second, ${inFlight} at the same time`;
    await this.#store.run('putPace', {
      row: { connectionId, ...limits },
      audit: { action: 'pace_changed', ...auditFacts(connection), detail },
    });
    this.#pace.setLimits(connectionId, limits);
    return this.#view(connection);
  }

  #view(connection: Connection): PaceOfConnection {
    const { id } = connection;
    const limits = this.#pace.limits(id);
    return {
      connectionId: id,
      limits,
      usual: usualLimits(connection),
      allowedPerSecond: this.#pace.allowedPerSecond(id),
      heldSeconds: Math.ceil(this.#pace.heldFor(id) / 1_000),
      trouble: this.#trouble(id),
    };
  }
}
