import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { calls, isAppError } from '../../../src-main/contract/index.ts';
import { openTestApp } from '../../support/app.ts';

// Verifies I-01.
it('says of what was asked while the workspace was exchanged that it was closed, and not that it failed for unknown reasons', async () => {
  const app = await openTestApp();
  const change = calls['polling.change'].input.parse({ sessionKeys: [1], isPolled: false });
  const reasons: unknown[] = [];
  let switches = 0;
  const switching = (async () => {
    for (; switches < 6; switches += 1)
      await app.handlers['workspace.open']({ workspace: switches % 2 === 0 ? 'practice' : 'work' });
  })();
  while (switches < 6) {
    const asked = [
      app.handlers['audit.export']({ format: 'jsonl' }),
      app.handlers['polling.change'](change),
      app.handlers['views.list']({}),
    ];
    for (const answer of await Promise.allSettled(asked)) if (answer.status === 'rejected') reasons.push(answer.reason);
    // A refusal that comes at once would leave the rest of the console no turn.
    await setImmediate();
  }
  await switching;
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons.filter((reason) => !isAppError(reason))).toEqual([]);
  await app.close();
});
