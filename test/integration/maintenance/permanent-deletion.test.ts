/** Reads the bytes of the database's files after the undo window: they contain nothing of the removed sessions. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { importParseOptions, savedView, type Connection } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  openTestApp,
  sessionPageInput,
  storeWorkerUrl,
  unreachableProvider,
} from '../../support/app.ts';
import { executeSql, flinksId } from '../batches/plan-fixtures.ts';

/** A third of them is kept, so that most pages contain both. The references are not in the order of the keys. */
const sessionCount = 1_500;
const references = Array.from(
  { length: sessionCount },
  (_, number) => `Payer-${7_000_000 + ((number * 7_919) % 9_973)}`,
);
/** Exactly one search term, of characters that no other text has. */
const rareReference = '㋿㍿㌀';
const note = 'Called about invoice 84-1177';
const removedReferences = references.filter((_, number) => number % 3 > 0);
const keptReferences = references.filter((_, number) => number % 3 === 0);
const removedTexts = [...removedReferences, rareReference, note];

/** The texts that the database's files contain. */
function findTexts(dataFolder: string, texts: readonly string[]): string[] {
  const file = join(dataFolder, 'work', 'desk.sqlite');
  const contents = [file, `${file}-wal`, `${file}-shm`].filter((path) => existsSync(path)).map((p) => readFileSync(p));
  return texts.filter((text) => contents.some((bytes) => bytes.includes(text)));
}

/** Whether the search index contains the term of `rareReference`. */
function isRareTermIndexed(dataFolder: string): boolean {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'), { readOnly: true });
  const blocks = database.prepare('SELECT block FROM sessions_search_data').all();
  database.close();
  return blocks.some(({ block }) => Buffer.from(block as Uint8Array).includes(rareReference));
}

async function importExpiredSessions({ handlers }: App, connection: Connection): Promise<void> {
  const { importId } = await handlers['imports.start']({
    connectionId: connection.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'stop',
    parseOptions: importParseOptions.parse({ acceptSuggestedIds: true }),
  });
  const lines = [...references, rareReference, 'newest'].map(
    (reference, number) => `${flinksId(number)},${reference},Expired,2026-01-01T00:00:00Z`,
  );
  const bytes = Buffer.from(['id,reference,status,updatedAt', ...lines].join('\n')).toString('base64');
  await handlers['imports.addChunk']({ importId, offset: 0, bytes });
  expect(await handlers['imports.finish']({ importId })).toMatchObject({ added: sessionCount + 2 });
}

/** A finished batch with all sessions. */
const insertBatchSql = `
  INSERT INTO batches (number, id, state, origin, operator, host, created_at, sessions, asked)
    VALUES (1, '40000000-0000-4000-8000-000000000001', 'finished', '{}', 'olivia', 'desk-7', '2026-01-02', 1, 0);
  INSERT INTO batch_items (batch_number, position, session_key, connection_id, product, session_id, reference, amount,
      status, verdict, outcome)
    SELECT 1, key, key, connection_id, product, id, reference, amount, status, 'already_final', 'left_out'
    FROM sessions`;

// Verifies F-09.
it('purge: after the undo window, the files of the database contain nothing of 1,000 removed sessions', async () => {
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  let app = await openTestApp({ dataFolder, keychain });
  onTestFinished(() => app.close());
  const { flinks } = await addConnections(app, unreachableProvider);
  await importExpiredSessions(app, flinks);
  const { rows } = await app.handlers['sessions.list'](sessionPageInput({ search: removedReferences[0] ?? '' }));
  await app.handlers['sessions.setNote']({ sessionKey: rows[0]?.key ?? 0, note });
  // The session with the newest event is never removed.
  const newest = await app.handlers['sessions.list'](sessionPageInput({ search: 'newest' }));
  await app.handlers['sessions.setNote']({ sessionKey: newest.rows[0]?.key ?? 0, note: 'stays' });
  executeSql(
    dataFolder,
    `PRAGMA secure_delete = ON; ${insertBatchSql};
    UPDATE sessions SET first_seen_at = '2020-01-01T00:00:00.000Z', last_checked_at = NULL
      WHERE CAST(substr(id, -12) AS INTEGER) % 3 > 0 OR reference = '${rareReference}';
    UPDATE sessions SET raw_detail = hex(zeroblob(key * 7 % 90)) WHERE key % 2 = 0`,
  );
  expect(findTexts(dataFolder, removedTexts)).toEqual(removedTexts);
  expect(isRareTermIndexed(dataFolder)).toBe(true);

  const { removedCount } = await app.handlers['removals.start']({ olderThanDays: 180 });
  expect(removedCount).toBe(1_001);
  // Until the end of the undo window they can be restored.
  expect(findTexts(dataFolder, removedTexts)).toEqual(removedTexts);

  executeSql(dataFolder, `UPDATE removals SET at = '${new Date(Date.now() - 24 * 3_600_000).toISOString()}'`);
  await app.close();
  app = await openTestApp({ dataFolder, keychain });
  await expect.poll(() => findTexts(dataFolder, removedTexts), { timeout: 20_000 }).toEqual([]);
  expect(isRareTermIndexed(dataFolder)).toBe(false);
  expect(findTexts(dataFolder, [...keptReferences, 'newest', 'stays'])).toEqual([...keptReferences, 'newest', 'stays']);
  expect((await app.handlers['audit.verify']({})).result).toBe('intact');
}, 60_000);

// Verifies F-09.
it('saved view: the files of the database do not contain a removed view', async () => {
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  let app = await openTestApp({ dataFolder, keychain });
  onTestFinished(() => app.close());
  const view = savedView.parse({
    id: crypto.randomUUID(),
    name: 'Payer-Olsen',
    query: '?search=Olsen-84',
    columns: [],
  });
  await app.handlers['views.save'](view);
  await app.close();
  app = await openTestApp({ dataFolder, keychain });
  expect(findTexts(dataFolder, ['Payer-Olsen', 'Olsen-84'])).toEqual(['Payer-Olsen', 'Olsen-84']);
  await app.handlers['views.remove']({ id: view.id });
  await app.close();
  app = await openTestApp({ dataFolder, keychain });
  expect(await app.handlers['views.list']({})).toEqual([]);
  expect(findTexts(dataFolder, ['Payer-Olsen', 'Olsen-84'])).toEqual([]);
});

// Verifies F-09.
it('migration: a database of version 0.1 contains nothing of the sessions that it deleted before', async () => {
  const dataFolder = createTempFolder();
  mkdirSync(join(dataFolder, 'work'));
  const file = join(dataFolder, 'work', 'desk.sqlite');
  copyFileSync(new URL('../store/fixtures/workspace-0.1/desk.sqlite', import.meta.url), file);
  const database = new DatabaseSync(file);
  const insert = database.prepare(
    `INSERT INTO sessions (connection_id, product, id, reference, status, source, first_seen_at)
    SELECT id, 'geft', ?, ?, 'expired', 'imported', '2026-01-01T00:00:00.000Z' FROM connections LIMIT 1`,
  );
  database.exec('BEGIN');
  for (const [number, reference] of [...references, rareReference].entries()) insert.run(`old-${number}`, reference);
  database.exec(`COMMIT; BEGIN; DELETE FROM sessions WHERE id LIKE 'old-%'; COMMIT`);
  database.close();
  expect(findTexts(dataFolder, references).length).toBeGreaterThan(sessionCount / 2);
  expect(isRareTermIndexed(dataFolder)).toBe(true);

  const app = await openTestApp({ dataFolder });
  onTestFinished(() => app.close());
  expect((await app.handlers['app.getState']({})).workspaceError).toBeNull();
  await expect.poll(() => findTexts(dataFolder, [...references, rareReference]), { timeout: 20_000 }).toEqual([]);
  expect((await app.handlers['sessions.list'](sessionPageInput({ search: 'called twice' }))).rows).toHaveLength(1);
}, 60_000);

// Verifies F-09.
it('start: incomplete copies of the database that a killed process left are deleted', async () => {
  const dataFolder = createTempFolder();
  const folder = join(dataFolder, 'work');
  mkdirSync(join(folder, 'backups'), { recursive: true });
  const incomplete = [
    'desk.restoring.sqlite',
    'desk.restoring.sqlite.unfinished',
    'desk.before-9.sqlite.unfinished-journal',
    'backups/desk-20261121T090000-000Z.sqlite.unfinished',
  ];
  const complete = ['desk.before-8.sqlite', 'backups/desk-20261121T090000-000Z.sqlite', 'backups/notes.unfinished'];
  for (const name of [...incomplete, ...complete]) writeFileSync(join(folder, name), references[0] ?? '');
  const app = await openTestApp({ dataFolder });
  onTestFinished(() => app.close());
  expect([...incomplete, ...complete].filter((name) => existsSync(join(folder, name)))).toEqual(complete);
});

it('truncateWriteAheadLog: returns false while another connection reads, and empties the log afterwards', async () => {
  const folder = createTempFolder();
  const store = await Store.open(storeWorkerUrl, {
    folder,
    operator: 'olivia',
    host: 'desk-7',
    auditKey: new Uint8Array(32),
  });
  onTestFinished(() => store.close());
  const file = join(folder, 'desk.sqlite');
  const reader = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => reader.close());
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM audit').get();
  await store.run('appendAudit', { action: 'workspace_opened' });
  expect(await store.run('truncateWriteAheadLog', null)).toBe(false);
  await store.run('appendAudit', { action: 'workspace_opened' });
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  reader.exec('COMMIT');
  expect(await store.run('truncateWriteAheadLog', null)).toBe(true);
  expect(statSync(`${file}-wal`).size).toBe(0);
});
