import { expect, it } from 'vitest';
import { runBatchRounds } from '../../soak/batch.ts';
import { isFullSuite, roundsOf, seed } from '../../support/suite.ts';

// A fixed seed in `npm test`, so that a failure is caused by a change of the code.
const firstSeed = isFullSuite ? seed : 1_000;

it('batch soak: every outcome matches the provider despite faults, stops and kills', { timeout: 600_000 }, async () => {
  const rounds = roundsOf({ quick: 2, full: 20 });
  const reports: string[] = [];
  for await (const line of runBatchRounds(firstSeed, rounds, isFullSuite ? [40, 90] : [20, 40])) reports.push(line);
  expect(reports).toHaveLength(rounds);
});
