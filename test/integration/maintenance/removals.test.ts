/** Removal and undo through the handlers of the app: across restarts, concurrently, and after the undo window. */
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
  const testApp: RemovalTestApp = {
    app: await openTestApp({ dataFolder, keychain }),
    dataFolder,
    async reopen() {
      await testApp.app.close();
      testApp.app = await openTestApp({ dataFolder, keychain });
    },
  };
  onTestFinished(() => testApp.app.close());
  const { flinks } = await addConnections(testApp.app, unreachableProvider);
  const lines = Array.from({ length: count }, (_, number) => ({ id: flinksId(number), status: 'Expired' }));
  await importSessions(testApp.app, flinks, [...lines, { id: flinksId(count) }]);
  executeSql(dataFolder, "UPDATE sessions SET first_seen_at = '2020-01-01T00:00:00.000Z'");
  return Object.assign(testApp, { flinks });
}

async function readSessionDetails({ handlers }: App): Promise<unknown> {
  const { rows } = await handlers['sessions.list'](sessionPageInput());
  return Promise.all(rows.map(({ key: sessionKey }) => handlers['sessions.getDetails']({ sessionKey })));
}

it('removal: can be undone once after a restart, and restores every session', async () => {
  const testApp = await createRemovalTestApp(3);
  const before = await readSessionDetails(testApp.app);
  const { removedCount, removalId } = await testApp.app.handlers['removals.start'](retention);
  expect(removedCount).toBe(3);
  await testApp.reopen();
  const { handlers } = testApp.app;
  const [removal] = await handlers['removals.list']({});
  expect(removal).toMatchObject({ removalId, operator: 'olivia', retainedSessions: 3, progress: null });
  expect(Date.parse(removal?.purgesAt ?? '') - Date.parse(removal?.removedAt ?? '')).toBe(24 * hourMs);
  const notifications: Removal[][] = [];
  testApp.app.on('removals.changed', ({ rows }) => notifications.push(rows));
  expect(await handlers['removals.undo']({ removalId: removalId ?? '' })).toEqual({
    restoredCount: 3,
    mergedCount: 0,
    unrestorableCount: 0,
  });
  expect(await readSessionDetails(testApp.app)).toEqual(before);
  expect(await handlers['removals.list']({})).toEqual([]);
  await expect.poll(() => notifications.at(-1)).toEqual([]);
  await expect(handlers['removals.undo']({ removalId: removalId ?? '' })).rejects.toMatchObject({
    code: 'removal_not_found',
    messageKey: 'maintenance.removalNotFound',
  });
  const { rows } = await handlers['audit.list']({ before: null, limit: 1 });
  expect(rows[0]).toMatchObject({ action: 'sessions_restored', operator: 'olivia' });
  expect((await handlers['audit.verify']({})).result).toBe('intact');
});

it('removal: without old sessions nothing is removed, and there is nothing to undo', async () => {
  const { app } = await createRemovalTestApp(0);
  expect(await app.handlers['removals.start'](retention)).toEqual({ removedCount: 0, removalId: null });
  expect(await app.handlers['removals.list']({})).toEqual([]);
});

it('removal: concurrent removals and undos run one after the other', async () => {
  const { app } = await createRemovalTestApp(700);
  const { handlers } = app;
  const results = await Promise.all([handlers['removals.start'](retention), handlers['removals.start'](retention)]);
  expect(results.map(({ removedCount }) => removedCount)).toEqual([700, 0]);
  const removalId = results[0]?.removalId ?? '';
  const [undone, removedAgain] = await Promise.all([
    handlers['removals.undo']({ removalId }),
    handlers['removals.start'](retention),
  ]);
  expect([undone.restoredCount, removedAgain.removedCount]).toEqual([700, 700]);
});

it('undo: is refused after 24 hours, and the next start purges the removed sessions', async () => {
  const testApp = await createRemovalTestApp(3);
  const { removalId } = await testApp.app.handlers['removals.start'](retention);
  executeSql(testApp.dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * hourMs).toISOString()}'`);
  expect(await testApp.app.handlers['removals.list']({})).toEqual([]);
  await expect(testApp.app.handlers['removals.undo']({ removalId: removalId ?? '' })).rejects.toMatchObject({
    code: 'removal_not_found',
  });
  await testApp.reopen();
  await expect.poll(() => countRetainedRows(testApp)).toEqual({ removals: 0, sessions: 0 });
});

function countRetainedRows({ dataFolder }: Pick<RemovalTestApp, 'dataFolder'>): Record<string, unknown> {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'), { readOnly: true });
  const counts = database
    .prepare('SELECT (SELECT count(*) FROM removals) AS removals, (SELECT count(*) FROM removed_sessions) AS sessions')
    .get();
  database.close();
  return { ...counts };
}

it('purge: removed sessions are purged after 24 hours while the app is open', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const testApp = await createRemovalTestApp(3);
  await testApp.app.handlers['removals.start'](retention);
  vi.advanceTimersByTime(20 * 60_000);
  await testApp.app.handlers['removals.start'](retention);
  expect(countRetainedRows(testApp)).toEqual({ removals: 1, sessions: 3 });
  executeSql(testApp.dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * hourMs).toISOString()}'`);
  // A notification of the removal itself may arrive late.
  const purged = new Promise<void>((resolve) =>
    testApp.app.on('removals.changed', ({ rows }) => {
      if (rows.length === 0) resolve();
    }),
  );
  vi.advanceTimersByTime(20 * 60_000);
  await purged;
  expect(countRetainedRows(testApp)).toEqual({ removals: 0, sessions: 0 });
});
