/** What `npm run soak` runs, one after the other: each does damage again and again, and looks what is left. */
export interface SoakTest {
  readonly name: string;
  /** How many where none are asked for. */
  readonly defaultRounds: number;
  /** A line for each round that was survived; throws where a promise was broken. The same seed does the same damage. */
  run(seed: number, rounds: number): AsyncGenerator<string>;
}
