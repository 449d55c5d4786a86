import { expect, it } from 'vitest';
import { runBatchRounds } from '../../soak/batch.ts';

// A fixed seed, so that a failure is caused by a change of the code. `npm run soak` uses other seeds.
const seed = 1_000;
const rounds = 10;

it(
  `batch soak: every outcome matches the provider despite faults, stops and kills (seed ${seed})`,
  { timeout: 240_000 },
  async () => {
    const reports: string[] = [];
    for await (const line of runBatchRounds(seed, rounds, [40, 90])) reports.push(line);
    expect(reports).toHaveLength(rounds);
  },
);
