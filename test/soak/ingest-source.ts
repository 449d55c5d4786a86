/** What a way in for sessions is, and how to count what came in. */
import type { DatabaseSync } from 'node:sqlite';
import type { RandomSource } from '../../src-main/core/simulator/random.ts';
import type { App } from '../../src-main/core/index.ts';
import type { SpawnedApp } from '../support/spawn-app.ts';

/** A way in for sessions: begun in a console that is killed meanwhile, gone on with in the next one. */
export interface IngestSource {
  readonly name: string;
  /** Resolves when it is time to kill. What was promised by then is what `resume` counts on. */
  start(app: SpawnedApp, round: IngestRound): Promise<void>;
  /** Throws where what the killed console left behind does not fit together. */
  inspect(database: DatabaseSync, round: IngestRound): void;
  resume(app: App, round: IngestRound): Promise<void>;
  dispose(): Promise<void>;
}

export interface IngestRound {
  readonly connectionId: string;
  /** The sessions' ids begin with it, and no other round's do. */
  readonly idPrefix: string;
  readonly random: RandomSource;
}

/** The numbers of the round's sessions that are tracked, in order. */
export function trackedNumbers(database: DatabaseSync, { idPrefix }: IngestRound): number[] {
  return database
    .prepare('SELECT id FROM sessions WHERE id LIKE ?')
    .all(`${idPrefix}%`)
    .map((row) => Number(String(row['id']).slice(idPrefix.length)))
    .sort((one, other) => one - other);
}

/** Throws unless these are the numbers from 0 on, as many as there should be. */
export function checkComplete(found: readonly number[], count: number, what: string): void {
  if (found.length === count && found.every((number, index) => number === index)) return;
  throw new Error(`${what}: ${found.length} sessions instead of the first ${count}`);
}
