/** The interface of an ingest source, and helpers that count ingested sessions. */
import type { DatabaseSync } from 'node:sqlite';
import type { RandomSource } from '../../src-main/core/simulator/random.ts';
import type { App } from '../../src-main/core/index.ts';
import type { SpawnedApp } from '../support/spawn-app.ts';

/** A source of sessions: started in an app that is killed, and resumed in the next one. */
export interface IngestSource {
  readonly name: string;
  /** Resolves when the app should be killed. `inspect` and `resume` check the sessions acknowledged by then. */
  start(app: SpawnedApp, round: IngestRound): Promise<void>;
  /** Throws if the data after the kill is inconsistent. */
  inspect(database: DatabaseSync, round: IngestRound): void;
  resume(app: App, round: IngestRound): Promise<void>;
  dispose(): Promise<void>;
}

export interface IngestRound {
  readonly connectionId: string;
  /** Prefix of the session IDs. Unique per round. */
  readonly idPrefix: string;
  readonly random: RandomSource;
}

/** The sorted numbers of the tracked sessions of a round. */
export function trackedNumbers(database: DatabaseSync, { idPrefix }: IngestRound): number[] {
  return database
    .prepare('SELECT id FROM sessions WHERE id LIKE ?')
    .all(`${idPrefix}%`)
    .map((row) => Number(String(row['id']).slice(idPrefix.length)))
    .sort((left, right) => left - right);
}

/** Throws unless the numbers are exactly 0 to `count` - 1. */
export function checkComplete(numbers: readonly number[], count: number, label: string): void {
  if (numbers.length === count && numbers.every((number, index) => number === index)) return;
  throw new Error(`${label}: ${numbers.length} sessions instead of the first ${count}`);
}
