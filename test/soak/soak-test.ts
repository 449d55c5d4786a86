/** A test of `npm run soak`. Each round causes faults and checks the result. */
export interface SoakTest {
  readonly name: string;
  /** Number of rounds if none is given. */
  readonly defaultRounds: number;
  /** Yields a line per passed round. Throws if an invariant is broken. The same seed causes the same faults. */
  run(seed: number, rounds: number): AsyncGenerator<string>;
}
