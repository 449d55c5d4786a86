import type { Batch, Session } from '../../contract/index.ts';
import type { Cancellations } from '../cancellation/index.ts';
import type { Connections } from '../connections/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { Providers } from '../providers/index.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { ExportRunner, Refreshes } from '../sessions/index.ts';
import type { Store } from '../store/index.ts';

/** What plans, runs and results work with. */
export interface BatchesDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly cancellations: Cancellations;
  readonly refreshes: Refreshes;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: CircuitBreaker;
  /** Those of `scheduled_by_caller` priority: a run takes its turns itself. */
  readonly providers: Providers;
  readonly operator: string;
  readonly host: string;
  /** Above so many sessions the count is typed; whatever it says, never above the console's own. */
  getTypedCountThreshold(): number;
  readonly exportFiles: ExportRunner;
  /** How long a confirmed batch waits to be called off. */
  readonly startDelayMs: number;
  onBatchChanged(batch: Batch): void;
  onSessionsChanged(rows: Session[]): void;
}
