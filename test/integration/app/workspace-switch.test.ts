import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { calls, isDeskError } from '../../../src-main/contract/index.ts';
import { openTestDesk } from '../../support/app.ts';

// Keeps I-01.
it('says of what was asked while the workspace was exchanged that it was closed, and not that it failed for unknown reasons', async () => {
  const desk = await openTestDesk();
  const change = calls['watching.change'].input.parse({ sessionKeys: [1], watched: false });
  const reasons: unknown[] = [];
  let switches = 0;
  const switching = (async () => {
    for (; switches < 6; switches += 1)
      await desk.handlers['workspace.open']({ workspace: switches % 2 === 0 ? 'practice' : 'work' });
  })();
  while (switches < 6) {
    const asked = [
      desk.handlers['audit.export']({ format: 'jsonl' }),
      desk.handlers['watching.change'](change),
      desk.handlers['views.list']({}),
    ];
    for (const answer of await Promise.allSettled(asked)) if (answer.status === 'rejected') reasons.push(answer.reason);
    // A refusal that comes at once would leave the rest of the console no turn.
    await setImmediate();
  }
  await switching;
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons.filter((reason) => !isDeskError(reason))).toEqual([]);
  await desk.close();
});
