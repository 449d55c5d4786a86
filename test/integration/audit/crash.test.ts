import { expect, it } from 'vitest';
import { createTempFolder } from '../../support/app.ts';
import { checkAcknowledged, runCrashRound, randomKillPoints } from '../../soak/crash.ts';
import type { Acknowledgement } from '../../soak/writer.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

// `npm run soak` runs 200 kills.
it(
  `crash: ten kills during writes lose no acknowledged record and leave an intact chain (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const folder = createTempFolder();
    const acknowledged: Acknowledgement[] = [];
    for (const point of randomKillPoints(seed, 10)) await runCrashRound(folder, point, acknowledged);
    checkAcknowledged(folder, acknowledged);
    expect(acknowledged.filter(({ kind }) => kind !== 'ready').length).toBeGreaterThan(0);
  },
);
