import { expect, it } from 'vitest';
import { freshFolder } from '../../support/app.ts';
import { checkPromises, crashRound, points } from '../../soak/crash.ts';
import type { Promised } from '../../soak/writer.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

// 200 of them: npm run soak.
it(
  `ten kills in the middle of writing leave every promised record, a whole chain and nothing half-done (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const folder = freshFolder();
    const kept: Promised[] = [];
    for (const point of points(seed, 10)) await crashRound(folder, point, kept);
    checkPromises(folder, kept);
    expect(kept.filter(({ kind }) => kind !== 'ready').length).toBeGreaterThan(0);
  },
);
