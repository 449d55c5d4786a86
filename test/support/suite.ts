/**
 * The suite that runs, and the seed of its random input. `npm test` sets both variables; a test that is started without
 * it runs with the sizes of `npm test` and a random seed.
 */

/** Whether all cases run (`npm run test:full`), and not a sample of them. */
export const isFullSuite = process.env['TEST_SUITE'] === 'full';

/** The seed of random input. A failure prints the command that repeats it with the same seed. */
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** The number of rounds, or the size of an input, in the suite that runs. */
export const roundsOf = (rounds: { readonly quick: number; readonly full: number }): number =>
  isFullSuite ? rounds.full : rounds.quick;
