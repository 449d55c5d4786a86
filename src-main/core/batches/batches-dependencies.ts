import type { Batch, Session } from '../../contract/index.ts';
import type { Cancellations } from '../cancellation/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Pace } from '../rate-limit/index.ts';
import type { Providers } from '../providers/index.ts';
import type { Brakes } from './circuit-breaker.ts';
import type { ExportFiles, Refreshes } from '../sessions/index.ts';
import type { Store } from '../store/index.ts';

/** What plans, runs and results work with. */
export interface BatchesParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly cancellations: Cancellations;
  readonly refreshes: Refreshes;
  readonly pace: Pace;
  readonly brakes: Brakes;
  /** Those of `taken` priority: a run takes its turns itself. */
  readonly providers: Providers;
  readonly operator: string;
  readonly host: string;
  /** Above so many sessions the count is typed; whatever it says, never above the console's own. */
  countAbove(): number;
  readonly files: ExportFiles;
  /** How long a confirmed batch waits to be called off. */
  readonly armedMs: number;
  changed(batch: Batch): void;
  tracked(rows: Session[]): void;
}
