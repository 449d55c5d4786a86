/** Old sessions are removed and brought back by the whole console: across starts, in turn, and for a day. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Desk } from '../../../src-main/core/index.ts';
import type { Connection, Removal } from '../../../src-main/contract/index.ts';
import { connect, freshFolder, listed, memoryKeychain, nowhere, openTestDesk } from '../../support/app.ts';
import { alter, flinksId, importLines } from '../batches/plan-fixtures.ts';

const hourMs = 3_600_000;
const retention = { olderThanDays: 180 };

interface Bench {
  desk: Desk;
  readonly dataFolder: string;
  reopen(): Promise<void>;
}

async function benchWith(count: number): Promise<Bench & { flinks: Connection }> {
  const dataFolder = freshFolder();
  const keychain = memoryKeychain();
  const bench: Bench = {
    desk: await openTestDesk({ dataFolder, keychain }),
    dataFolder,
    async reopen() {
      await bench.desk.close();
      bench.desk = await openTestDesk({ dataFolder, keychain });
    },
  };
  onTestFinished(() => bench.desk.close());
  const { flinks } = await connect(bench.desk, nowhere);
  const lines = Array.from({ length: count }, (_, number) => ({ id: flinksId(number), status: 'Expired' }));
  await importLines(bench.desk, flinks, [...lines, { id: flinksId(count) }]);
  alter(dataFolder, "UPDATE sessions SET first_seen_at = '2020-01-01T00:00:00.000Z'");
  return Object.assign(bench, { flinks });
}

async function stories({ handlers }: Desk): Promise<unknown> {
  const { rows } = await handlers['sessions.page'](listed());
  return Promise.all(rows.map(({ key }) => handlers['sessions.story']({ sessionKey: key })));
}

it('a removal can be undone after another start, once, and everything is as it was', async () => {
  const bench = await benchWith(3);
  const before = await stories(bench.desk);
  const { removed, removalId } = await bench.desk.handlers['sessions.removeOld'](retention);
  expect(removed).toBe(3);
  await bench.reopen();
  const { handlers } = bench.desk;
  const [kept] = await handlers['sessions.removals']({});
  expect(kept).toMatchObject({ removalId, operator: 'olivia', sessions: 3, work: null });
  expect(Date.parse(kept?.until ?? '') - Date.parse(kept?.at ?? '')).toBe(24 * hourMs);
  const told: Removal[][] = [];
  bench.desk.on('removals.changed', ({ rows }) => told.push(rows));
  expect(await handlers['sessions.undoRemoval']({ removalId: removalId ?? '' })).toEqual({
    restored: 3,
    joined: 0,
    lost: 0,
  });
  expect(await stories(bench.desk)).toEqual(before);
  expect(await handlers['sessions.removals']({})).toEqual([]);
  await expect.poll(() => told.at(-1)).toEqual([]);
  await expect(handlers['sessions.undoRemoval']({ removalId: removalId ?? '' })).rejects.toMatchObject({
    code: 'removal_not_found',
  });
  const { rows } = await handlers['audit.page']({ before: null, limit: 1 });
  expect(rows[0]).toMatchObject({ action: 'sessions_restored', operator: 'olivia' });
  expect((await handlers['audit.verify']({})).verdict).toBe('intact');
});

it('what finds nothing old removes nothing, and leaves nothing to undo', async () => {
  const { desk } = await benchWith(0);
  expect(await desk.handlers['sessions.removeOld'](retention)).toEqual({ removed: 0, removalId: null });
  expect(await desk.handlers['sessions.removals']({})).toEqual([]);
});

it('removals and undos asked for at once follow each other', async () => {
  const { desk } = await benchWith(700);
  const { handlers } = desk;
  const both = await Promise.all([
    handlers['sessions.removeOld'](retention),
    handlers['sessions.removeOld'](retention),
  ]);
  expect(both.map(({ removed }) => removed)).toEqual([700, 0]);
  const removalId = both[0]?.removalId ?? '';
  const [undone, again] = await Promise.all([
    handlers['sessions.undoRemoval']({ removalId }),
    handlers['sessions.removeOld'](retention),
  ]);
  expect([undone.restored, again.removed]).toEqual([700, 700]);
});

it('a day later it is refused, and nothing of it is left in the file after the next start', async () => {
  const bench = await benchWith(3);
  const { removalId } = await bench.desk.handlers['sessions.removeOld'](retention);
  alter(bench.dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * hourMs).toISOString()}'`);
  expect(await bench.desk.handlers['sessions.removals']({})).toEqual([]);
  await expect(bench.desk.handlers['sessions.undoRemoval']({ removalId: removalId ?? '' })).rejects.toMatchObject({
    code: 'removal_not_found',
  });
  await bench.reopen();
  await expect.poll(() => leftIn(bench)).toEqual({ removals: 0, sessions: 0 });
});

function leftIn({ dataFolder }: Pick<Bench, 'dataFolder'>): Record<string, unknown> {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'), { readOnly: true });
  const left = database
    .prepare('SELECT (SELECT count(*) FROM removals) AS removals, (SELECT count(*) FROM removed_sessions) AS sessions')
    .get();
  database.close();
  return { ...left };
}

it('a day later it is forgotten while the console stays open too', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const bench = await benchWith(3);
  await bench.desk.handlers['sessions.removeOld'](retention);
  vi.advanceTimersByTime(20 * 60_000);
  await bench.desk.handlers['sessions.removeOld'](retention);
  expect(leftIn(bench)).toEqual({ removals: 1, sessions: 3 });
  alter(bench.dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * hourMs).toISOString()}'`);
  // What was told of the removal itself may come late.
  const told = new Promise<void>((resolve) =>
    bench.desk.on('removals.changed', ({ rows }) => {
      if (rows.length === 0) resolve();
    }),
  );
  vi.advanceTimersByTime(20 * 60_000);
  await told;
  expect(leftIn(bench)).toEqual({ removals: 0, sessions: 0 });
});
