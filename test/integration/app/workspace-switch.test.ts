import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { calls, isAppError } from '../../../src-main/contract/index.ts';
import { openTestApp } from '../../support/app.ts';
import { roundsOf } from '../../support/suite.ts';
import { nonEmpty } from '../../support/non-empty.ts';

// Verifies I-01.
it('workspace.open: calls that are interrupted by a switch fail with an expected error', async () => {
  const app = await openTestApp();
  const change = calls['polling.change'].input.parse({ sessionKeys: [1], isPolled: false });
  const reasons: unknown[] = [];
  const switchCount = roundsOf({ quick: 3, full: 6 });
  let switches = 0;
  const switching = (async () => {
    for (; switches < switchCount; switches += 1)
      await app.handlers['workspace.open']({ workspace: switches % 2 === 0 ? 'practice' : 'work' });
  })();
  while (switches < switchCount) {
    const pendingCalls = [
      app.handlers['audit.export']({ format: 'jsonl' }),
      app.handlers['polling.change'](change),
      app.handlers['views.list']({}),
    ];
    for (const result of await Promise.allSettled(pendingCalls))
      if (result.status === 'rejected') reasons.push(result.reason);
    // Calls that fail immediately must not starve the event loop.
    await setImmediate();
  }
  await switching;
  expect(reasons.length).toBeGreaterThan(0);
  expect(nonEmpty(reasons).filter((reason) => !isAppError(reason))).toEqual([]);
  await app.close();
});
