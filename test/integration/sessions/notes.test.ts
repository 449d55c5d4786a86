import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { calls, importParseOptions, type Connection, type Session } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { migrations } from '../../../src-main/core/store/migrations/index.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import { dispatchCall, ignoredHostCalls } from '../../../src-main/hosts/dispatch.ts';
import {
  addConnections,
  createTempFolder,
  unreachableProvider,
  openTestApp,
  storeWorkerUrl,
} from '../../support/app.ts';
import { createMemoryLog } from '../../support/stub-app.ts';

const workspaceFolder = () => join(dataFolder, 'work');
let dataFolder: string;
let app: App;
let connection: Connection;

beforeEach(async () => {
  dataFolder = createTempFolder();
  app = await openTestApp({ dataFolder });
  connection = (await addConnections(app, unreachableProvider)).flinks;
});
afterEach(() => app.close());

async function importText(text: string): Promise<void> {
  const { importId } = await app.handlers['imports.start']({
    connectionId: connection.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'skip',
    parseOptions: importParseOptions.parse({}),
  });
  await app.handlers['imports.addChunk']({ importId, offset: 0, bytes: Buffer.from(text).toString('base64') });
  await app.handlers['imports.finish']({ importId });
}

async function searchSessions(search: string): Promise<Session[]> {
  const { filter, ...page } = calls['sessions.list'].input.parse({ filter: { search } });
  return (await app.handlers['sessions.list']({ filter, ...page })).rows;
}

async function findOnlySession(search: string): Promise<Session> {
  const [session] = await searchSessions(search);
  if (!session) throw new Error(`No session matches ${search}.`);
  return session;
}

const setNote = (sessionKey: number, text: string | null) =>
  app.handlers['sessions.setNote']({ sessionKey, note: text });
const timelineOf = async (sessionKey: number) => (await app.handlers['sessions.getDetails']({ sessionKey })).timeline;
const latestAuditRecords = async () => (await app.handlers['audit.list']({ before: null, limit: 100 })).rows;

describe('note', () => {
  it('a note is searchable and in the timeline with its author; the audit log does not contain its text', async () => {
    await importText('id,reference\nsess-0001,Order-1\nsess-0002,Order-2\n');
    const { key } = await findOnlySession('Order-1');
    // The event is truncated if it is combined with that of the import; then the renderer reads its page again.
    const notified = new Promise<void>((resolve) => {
      app.on('sessions.changed', ({ rows, isTruncated }) => (isTruncated || rows.some((row) => row.note)) && resolve());
    });
    expect(await setNote(key, 'Rang twice, 100% sure')).toMatchObject({
      key,
      note: 'Rang twice, 100% sure',
      status: 'unknown',
    });
    await notified;
    for (const search of ['rang TWICE', '0% ', '%'])
      expect(
        (await searchSessions(search)).map((row) => row.key),
        search,
      ).toEqual([key]);
    await setNote(key, 'Rang off');
    expect(await searchSessions('twice')).toEqual([]);
    expect(
      (await app.handlers['sessions.count'](calls['sessions.count'].input.parse({ filter: { search: 'rang' } }))).total,
    ).toBe(1);
    await setNote(key, null);
    expect(await searchSessions('rang')).toEqual([]);
    expect((await timelineOf(key)).slice(0, 3)).toMatchObject([
      { kind: 'note', operator: 'olivia', note: null },
      { kind: 'note', note: 'Rang off' },
      { kind: 'note', note: 'Rang twice, 100% sure' },
    ]);
    const records = (await latestAuditRecords()).filter(({ action }) => action === 'session_noted');
    expect(records.map(({ sessionKey, outcome }) => [sessionKey, outcome])).toEqual([
      [key, 'note_removed'],
      [key, 'note_written'],
      [key, 'note_written'],
    ]);
    expect(JSON.stringify(await latestAuditRecords())).not.toContain('Rang');
  });

  it('setNote: an unchanged note creates no timeline entry, and a blank one is no note', async () => {
    await importText('id\nsess-0001\n');
    const { key: sessionKey } = await findOnlySession('sess-0001');
    const call = (text: string) =>
      dispatchCall(app.handlers, ignoredHostCalls, 'sessions.setNote', { sessionKey, note: text }, createMemoryLog());
    expect(await call('  ')).toMatchObject({ ok: true, value: { note: null } });
    expect(await call(' a ')).toMatchObject({ ok: true, value: { note: 'a' } });
    expect(await call('a')).toMatchObject({ ok: true, value: { note: 'a' } });
    expect(await call('x'.repeat(501))).toMatchObject({
      ok: false,
      error: { code: 'invalid_input', details: { field: 'note' } },
    });
    expect((await timelineOf(sessionKey)).filter(({ kind }) => kind === 'note')).toHaveLength(1);
    await expect(setNote(999, 'x')).rejects.toMatchObject({ code: 'session_not_found' });
  });

  it('an import does not change a note, and an export contains it with escaped formulas', async () => {
    await importText('id,reference\nsess-0001,Order-1\n');
    const { key } = await findOnlySession('Order-1');
    await setNote(key, '=HYPERLINK("x")');
    await importText('id,reference,amount,updatedAt\nsess-0001,Order-9,5,2026-11-01T00:00:00Z\n');
    expect(await findOnlySession('Order-9')).toMatchObject({ key, note: '=HYPERLINK("x")' });
    expect((await searchSessions('hyperlink')).map((row) => row.key)).toEqual([key]);
    const started = await app.handlers['exports.start']({ sessionKeys: [key], format: 'csv', unmaskedIds: false });
    const { file } = await app.handlers['exports.wait'](started);
    expect(readFileSync(file ?? '', 'utf8').trim()).toMatch(/"lastCheckedAt","note"\r\n.*"'=HYPERLINK\(""x""\)"$/);
  });

  it('migration: a database without notes is upgraded, and notes can be written and searched', async () => {
    const oldFolder = createTempFolder();
    const database = new DatabaseSync(join(oldFolder, 'desk.sqlite'));
    for (const statements of migrations.slice(0, 3)) database.exec(statements);
    database.exec(`PRAGMA user_version = 3;
      INSERT INTO connections
        VALUES ('c1', 'flinks', 'x', 'sandbox', 'https://x.test', '{}', 'memory', '', '', NULL, '');
      INSERT INTO sessions (connection_id, product, id, reference, status, source, first_seen_at)
        VALUES ('c1', 'geft', 'sess-0001', 'Order-1', 'active', 'added', '')`);
    database.close();
    const store = await Store.open(storeWorkerUrl, {
      folder: oldFolder,
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    const search = async (text: string) => {
      const page = calls['sessions.list'].input.parse({ filter: { search: text } });
      return (await store.run('sessionPage', { ...page, after: null })).rows.length;
    };
    expect(await search('order-1')).toBe(1);
    await store.run('setNote', { sessionKey: 1, note: 'ticket 8812', at: '', audit: { action: 'session_noted' } });
    expect(await search('8812')).toBe(1);
    await store.close();
  });
});

describe('timeline of changed facts', () => {
  it('an import that changes facts but not the status adds a timeline entry with the changes', async () => {
    await importText(
      'id,reference,amount,currency,status,updatedAt\nsess-0001,Order-1,65.10,CAD,Initiated,2026-11-01T00:00:00Z\n',
    );
    const { key } = await findOnlySession('Order-1');
    await importText('id,reference,amount,updatedAt\nsess-0001,Order-1,65.1,2026-11-02T00:00:00Z\n');
    expect((await timelineOf(key)).map(({ kind }) => kind)).toEqual(['tracked']);
    await importText(
      'id,reference,amount,expiresAt,updatedAt\nsess-0001,Order-2,70,2026-12-01T00:00:00Z,2026-11-03T00:00:00Z\n',
    );
    expect((await timelineOf(key))[0]).toMatchObject({
      kind: 'facts',
      changes: [
        { fact: 'reference', from: 'Order-1', to: 'Order-2' },
        { fact: 'amount', from: '65.1', to: '70' },
        { fact: 'expiresAt', from: null, to: '2026-12-01T00:00:00.000Z' },
      ],
    });
  });

  it('a read and a signed event that change facts add a timeline entry each; an older event adds none', async () => {
    await importText('id,amount,currency,status\nsess-0001,65,CAD,Initiated\n');
    const { key: sessionKey } = await findOnlySession('sess-0001');
    await app.close();
    const store = await Store.open(storeWorkerUrl, {
      folder: workspaceFolder(),
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    const reading = {
      status: 'active',
      rawStatus: 'Initiated',
      rawDetail: null,
      reference: 'Order-1',
      amount: '65.00',
      currency: null,
      createdAt: null,
      expiresAt: null,
    } as const;
    await store.run('recordReading', { sessionKey, readAt: '2026-11-20T14:00:00.000Z', reading, audit: null });
    const session = {
      ...reading,
      amount: '80',
      connectionId: connection.id,
      product: 'geft',
      id: 'sess-0001',
      subAccount: null,
      source: 'event',
      firstSeenAt: '2026-11-20T14:01:00.000Z',
      lastCheckedAt: null,
    } as const;
    const audit = { action: 'event_applied' } as const;
    await store.run('recordEvent', { session, reading: session, occurredAt: '2026-11-20T14:00:30.000Z', audit });
    // This event is older than the last read, so its facts are ignored.
    await store.run('recordEvent', {
      session,
      reading: { ...reading, amount: '1' },
      occurredAt: '2026-11-19T00:00:00.000Z',
      audit,
    });
    const events = await store.run('sessionEvents', sessionKey);
    expect(events.map(({ kind, facts }) => [kind, facts && (JSON.parse(facts) as unknown)])).toEqual([
      ['event', null],
      ['event', null],
      ['facts', [{ fact: 'amount', from: '65.00', to: '80' }]],
      ['facts', [{ fact: 'reference', from: null, to: 'Order-1' }]],
      ['tracked', null],
    ]);
    await store.close();
    app = await openTestApp({ dataFolder });
  });
});
