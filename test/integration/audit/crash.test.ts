import { expect, it } from 'vitest';
import { createTempFolder } from '../../support/app.ts';
import { roundsOf, seed } from '../../support/suite.ts';
import { checkAcknowledged, runCrashRound, randomKillPoints } from '../../soak/crash.ts';
import type { Acknowledgement } from '../../soak/writer.ts';

// `npm run soak` runs 200 kills.
it(
  'crash: kills during writes lose no acknowledged record and leave an intact chain',
  { timeout: 240_000 },
  async () => {
    const folder = createTempFolder();
    const acknowledged: Acknowledgement[] = [];
    const kills = randomKillPoints(seed, roundsOf({ quick: 2, full: 30 }));
    // At least one kill comes after an acknowledged record.
    for (const point of [{ afterAcknowledgements: 100 }, ...kills]) await runCrashRound(folder, point, acknowledged);
    checkAcknowledged(folder, acknowledged);
    expect(acknowledged.filter(({ kind }) => kind !== 'ready').length).toBeGreaterThanOrEqual(100);
  },
);
