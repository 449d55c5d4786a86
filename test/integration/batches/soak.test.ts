import { expect, it } from 'vitest';
import { runBatchRounds } from '../../soak/batch.ts';

// The same ones each time, so that a failure is about what was changed; others by npm run soak.
const seed = 1_000;
const rounds = 10;

it(
  `every outcome of a batch is what really happened, whatever fails, stops or is killed meanwhile (seed ${seed})`,
  { timeout: 240_000 },
  async () => {
    const survived: string[] = [];
    for await (const line of runBatchRounds(seed, rounds, [40, 90])) survived.push(line);
    expect(survived).toHaveLength(rounds);
  },
);
