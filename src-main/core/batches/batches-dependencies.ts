import type { Batch, Session } from '../../contract/index.ts';
import type { Cancellations } from '../cancellation/index.ts';
import type { Connections } from '../connections/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { Providers } from '../providers/index.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { ExportRunner, Refreshes } from '../sessions/index.ts';
import type { ConfirmInHost } from '../host-confirmation.ts';
import type { Store } from '../store/index.ts';

/** Dependencies of `Plans`, `Runs` and `Results`. */
export interface BatchesDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly cancellations: Cancellations;
  readonly refreshes: Refreshes;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: CircuitBreaker;
  /** Providers with the priority `scheduled_by_caller`: a run schedules its requests itself. */
  readonly providers: Providers;
  /** The present operator; a change of the settings changes it. */
  getOperator(): string;
  readonly host: string;
  /** Above this many sessions the operator types the count; capped by `maxSessionsWithoutTypedCount`. */
  getTypedCountThreshold(): number;
  readonly confirmInHost: ConfirmInHost | null;
  /** Throws restore_not_reviewed while nothing may be sent. */
  assertMaySend(): void;
  /** Whether the audit key of earlier runs is in the keychain, so that records of earlier runs can be verified. */
  readonly isAuditKeyStored: boolean;
  readonly exportFiles: ExportRunner;
  /** How long a confirmed batch waits before it starts; it can be aborted in that time. */
  readonly startDelayMs: number;
  onBatchChanged(batch: Batch): void;
  onSessionsChanged(rows: Session[]): void;
}
