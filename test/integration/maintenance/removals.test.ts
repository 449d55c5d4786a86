/** Old sessions are removed and brought back by the whole console: across starts, in turn, and for a day. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { App } from '../../../src-main/core/index.ts';
import type { Connection, Removal } from '../../../src-main/contract/index.ts';
import {
  addConnections,
  createTempFolder,
  sessionPageInput,
  memoryKeychain,
  unreachableProvider,
  openTestApp,
} from '../../support/app.ts';
import { executeSql, flinksId, importSessions } from '../batches/plan-fixtures.ts';

const hourMs = 3_600_000;
const retention = { olderThanDays: 180 };

interface RemovalTestApp {
  app: App;
  readonly dataFolder: string;
  reopen(): Promise<void>;
}

async function createRemovalTestApp(count: number): Promise<RemovalTestApp & { flinks: Connection }> {
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  const bench: RemovalTestApp = {
    app: await openTestApp({ dataFolder, keychain }),
    dataFolder,
    async reopen() {
      await bench.app.close();
      bench.app = await openTestApp({ dataFolder, keychain });
    },
  };
  onTestFinished(() => bench.app.close());
  const { flinks } = await addConnections(bench.app, unreachableProvider);
  const lines = Array.from({ length: count }, (_, number) => ({ id: flinksId(number), status: 'Expired' }));
  await importSessions(bench.app, flinks, [...lines, { id: flinksId(count) }]);
  executeSql(dataFolder, "UPDATE sessions SET first_seen_at = '2020-01-01T00:00:00.000Z'");
  return Object.assign(bench, { flinks });
}

async function readSessionDetails({ handlers }: App): Promise<unknown> {
  const { rows } = await handlers['sessions.page'](sessionPageInput());
  return Promise.all(rows.map(({ key: sessionKey }) => handlers['sessions.details']({ sessionKey })));
}

it('a removal can be undone after another start, once, and everything is as it was', async () => {
  const bench = await createRemovalTestApp(3);
  const before = await readSessionDetails(bench.app);
  const { removedCount, removalId } = await bench.app.handlers['sessions.removeOld'](retention);
  expect(removedCount).toBe(3);
  await bench.reopen();
  const { handlers } = bench.app;
  const [kept] = await handlers['sessions.removals']({});
  expect(kept).toMatchObject({ removalId, operator: 'olivia', retainedSessions: 3, progress: null });
  expect(Date.parse(kept?.purgesAt ?? '') - Date.parse(kept?.removedAt ?? '')).toBe(24 * hourMs);
  const told: Removal[][] = [];
  bench.app.on('removals.changed', ({ rows }) => told.push(rows));
  expect(await handlers['sessions.undoRemoval']({ removalId: removalId ?? '' })).toEqual({
    restoredCount: 3,
    mergedCount: 0,
    unrestorableCount: 0,
  });
  expect(await readSessionDetails(bench.app)).toEqual(before);
  expect(await handlers['sessions.removals']({})).toEqual([]);
  await expect.poll(() => told.at(-1)).toEqual([]);
  await expect(handlers['sessions.undoRemoval']({ removalId: removalId ?? '' })).rejects.toMatchObject({
    code: 'removal_not_found',
  });
  const { rows } = await handlers['audit.page']({ before: null, limit: 1 });
  expect(rows[0]).toMatchObject({ action: 'sessions_restored', operator: 'olivia' });
  expect((await handlers['audit.verify']({})).result).toBe('intact');
});

it('what finds nothing old removes nothing, and leaves nothing to undo', async () => {
  const { app } = await createRemovalTestApp(0);
  expect(await app.handlers['sessions.removeOld'](retention)).toEqual({ removedCount: 0, removalId: null });
  expect(await app.handlers['sessions.removals']({})).toEqual([]);
});

it('removals and undos asked for at once follow each other', async () => {
  const { app } = await createRemovalTestApp(700);
  const { handlers } = app;
  const both = await Promise.all([
    handlers['sessions.removeOld'](retention),
    handlers['sessions.removeOld'](retention),
  ]);
  expect(both.map(({ removedCount }) => removedCount)).toEqual([700, 0]);
  const removalId = both[0]?.removalId ?? '';
  const [undone, again] = await Promise.all([
    handlers['sessions.undoRemoval']({ removalId }),
    handlers['sessions.removeOld'](retention),
  ]);
  expect([undone.restoredCount, again.removedCount]).toEqual([700, 700]);
});

it('a day later it is refused, and nothing of it is left in the file after the next start', async () => {
  const bench = await createRemovalTestApp(3);
  const { removalId } = await bench.app.handlers['sessions.removeOld'](retention);
  executeSql(bench.dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * hourMs).toISOString()}'`);
  expect(await bench.app.handlers['sessions.removals']({})).toEqual([]);
  await expect(bench.app.handlers['sessions.undoRemoval']({ removalId: removalId ?? '' })).rejects.toMatchObject({
    code: 'removal_not_found',
  });
  await bench.reopen();
  await expect.poll(() => countRetainedRows(bench)).toEqual({ removals: 0, sessions: 0 });
});

function countRetainedRows({ dataFolder }: Pick<RemovalTestApp, 'dataFolder'>): Record<string, unknown> {
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
  const bench = await createRemovalTestApp(3);
  await bench.app.handlers['sessions.removeOld'](retention);
  vi.advanceTimersByTime(20 * 60_000);
  await bench.app.handlers['sessions.removeOld'](retention);
  expect(countRetainedRows(bench)).toEqual({ removals: 1, sessions: 3 });
  executeSql(bench.dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * hourMs).toISOString()}'`);
  // What was told of the removal itself may come late.
  const told = new Promise<void>((resolve) =>
    bench.app.on('removals.changed', ({ rows }) => {
      if (rows.length === 0) resolve();
    }),
  );
  vi.advanceTimersByTime(20 * 60_000);
  await told;
  expect(countRetainedRows(bench)).toEqual({ removals: 0, sessions: 0 });
});
