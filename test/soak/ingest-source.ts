/** What a way in for sessions is, and how to count what came in. */
import type { DatabaseSync } from 'node:sqlite';
import type { Random } from '../../src-main/core/simulator/random.ts';
import type { Desk } from '../../src-main/core/index.ts';
import type { SpawnedDesk } from '../support/spawn-app.ts';

/** A way in for sessions: begun in a console that is killed meanwhile, gone on with in the next one. */
export interface Way {
  readonly name: string;
  /** Resolves when it is time to kill. What was promised by then is what `goOn` counts on. */
  begin(desk: SpawnedDesk, round: Round): Promise<void>;
  /** Throws where what the killed console left behind does not fit together. */
  look(database: DatabaseSync, round: Round): void;
  goOn(desk: Desk, round: Round): Promise<void>;
  end(): Promise<void>;
}

export interface Round {
  readonly connectionId: string;
  /** The sessions' ids begin with it, and no other round's do. */
  readonly prefix: string;
  readonly random: Random;
}

/** The numbers of the round's sessions that are tracked, in order. */
export function trackedOf(database: DatabaseSync, { prefix }: Round): number[] {
  return database
    .prepare('SELECT id FROM sessions WHERE id LIKE ?')
    .all(`${prefix}%`)
    .map((row) => Number(String(row['id']).slice(prefix.length)))
    .sort((one, other) => one - other);
}

/** Throws unless these are the numbers from 0 on, as many as there should be. */
export function checkAll(found: readonly number[], count: number, what: string): void {
  if (found.length === count && found.every((number, index) => number === index)) return;
  throw new Error(`${what}: ${found.length} sessions instead of the first ${count}`);
}
