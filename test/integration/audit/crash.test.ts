import { expect, it } from 'vitest';
import { createTempFolder } from '../../support/app.ts';
import { checkAcknowledged, runCrashRound, randomKillPoints } from '../../soak/crash.ts';
import type { Acknowledgement } from '../../soak/writer.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

// 200 of them: npm run soak.
it(
  `ten kills in the middle of writing leave every promised record, a whole chain and nothing half-done (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const folder = createTempFolder();
    const kept: Acknowledgement[] = [];
    for (const point of randomKillPoints(seed, 10)) await runCrashRound(folder, point, kept);
    checkAcknowledged(folder, kept);
    expect(kept.filter(({ kind }) => kind !== 'ready').length).toBeGreaterThan(0);
  },
);
