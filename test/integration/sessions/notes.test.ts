import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { calls, importReading, type Connection, type Session } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { migrations } from '../../../src-main/core/store/migrations/index.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import { answer } from '../../../src-main/hosts/dispatch.ts';
import { connect, freshFolder, nowhere, openTestDesk, storeWorker } from '../../support/app.ts';
import { keptLog } from '../../support/stub-app.ts';

const folder = () => join(dataFolder, 'work');
let dataFolder: string;
let desk: Desk;
let connection: Connection;

beforeEach(async () => {
  dataFolder = freshFolder();
  desk = await openTestDesk({ dataFolder });
  connection = (await connect(desk, nowhere)).flinks;
});
afterEach(() => desk.close());

async function take(text: string): Promise<void> {
  const { importId } = await desk.handlers['imports.begin']({
    connectionId: connection.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    write: true,
    badLines: 'skip',
    reading: importReading.parse({}),
  });
  await desk.handlers['imports.chunk']({ importId, offset: 0, bytes: Buffer.from(text).toString('base64') });
  await desk.handlers['imports.finish']({ importId });
}

async function found(search: string): Promise<Session[]> {
  const { filter, ...page } = calls['sessions.page'].input.parse({ filter: { search } });
  return (await desk.handlers['sessions.page']({ filter, ...page })).rows;
}

async function only(search: string): Promise<Session> {
  const [session] = await found(search);
  if (!session) throw new Error(`No session matches ${search}.`);
  return session;
}

const note = (sessionKey: number, text: string | null) => desk.handlers['sessions.setNote']({ sessionKey, note: text });
const storyOf = async (sessionKey: number) => (await desk.handlers['sessions.story']({ sessionKey })).timeline;
const audit = async () => (await desk.handlers['audit.page']({ before: null, limit: 100 })).rows;

describe('a note', () => {
  it('is found by the search, stands in the timeline with who wrote it, and leaves only its fact in the audit log', async () => {
    await take('id,reference\nsess-0001,Order-1\nsess-0002,Order-2\n');
    const { key } = await only('Order-1');
    // Truncated: pushed together with the import, so that the screen reads its page again.
    const pushed = new Promise<void>((resolve) => {
      desk.on('sessions.changed', ({ rows, truncated }) => (truncated || rows.some((row) => row.note)) && resolve());
    });
    expect(await note(key, 'Rang twice, 100% sure')).toMatchObject({
      key,
      note: 'Rang twice, 100% sure',
      status: 'unknown',
    });
    await pushed;
    for (const search of ['rang TWICE', '0% ', '%'])
      expect(
        (await found(search)).map((row) => row.key),
        search,
      ).toEqual([key]);
    await note(key, 'Rang off');
    expect(await found('twice')).toEqual([]);
    expect(
      (await desk.handlers['sessions.counts'](calls['sessions.counts'].input.parse({ filter: { search: 'rang' } })))
        .total,
    ).toBe(1);
    await note(key, null);
    expect(await found('rang')).toEqual([]);
    expect((await storyOf(key)).slice(0, 3)).toMatchObject([
      { kind: 'note', operator: 'olivia', note: null },
      { kind: 'note', note: 'Rang off' },
      { kind: 'note', note: 'Rang twice, 100% sure' },
    ]);
    const records = (await audit()).filter(({ action }) => action === 'session_noted');
    expect(records.map(({ sessionKey, outcome }) => [sessionKey, outcome])).toEqual([
      [key, 'note_removed'],
      [key, 'note_written'],
      [key, 'note_written'],
    ]);
    expect(JSON.stringify(await audit())).not.toContain('Rang');
  });

  it('that stays as it was leaves no trace, and one of blanks is none', async () => {
    await take('id\nsess-0001\n');
    const { key } = await only('sess-0001');
    const call = (text: string) =>
      answer(desk.handlers, 'sessions.setNote', { sessionKey: key, note: text }, keptLog());
    expect(await call('  ')).toMatchObject({ ok: true, value: { note: null } });
    expect(await call(' a ')).toMatchObject({ ok: true, value: { note: 'a' } });
    expect(await call('a')).toMatchObject({ ok: true, value: { note: 'a' } });
    const tooLong = { code: 'invalid_input', message: expect.stringContaining('500') as string };
    expect(await call('x'.repeat(501))).toMatchObject({ ok: false, error: tooLong });
    expect((await storyOf(key)).filter(({ kind }) => kind === 'note')).toHaveLength(1);
    await expect(note(999, 'x')).rejects.toMatchObject({ code: 'session_not_found' });
  });

  it('is not touched by an import, and is in an export, with formulas disarmed', async () => {
    await take('id,reference\nsess-0001,Order-1\n');
    const { key } = await only('Order-1');
    await note(key, '=HYPERLINK("x")');
    await take('id,reference,amount,updatedAt\nsess-0001,Order-9,5,2026-11-01T00:00:00Z\n');
    expect(await only('Order-9')).toMatchObject({ key, note: '=HYPERLINK("x")' });
    expect((await found('hyperlink')).map((row) => row.key)).toEqual([key]);
    const begun = await desk.handlers['exports.start']({ sessionKeys: [key], format: 'csv', wholeIds: false });
    const { file } = await desk.handlers['exports.wait'](begun);
    expect(readFileSync(file ?? '', 'utf8').trim()).toMatch(/lastCheckedAt,note\r\n.*"'=HYPERLINK\(""x""\)"$/);
  });

  it('can be written in a database from before there were notes', async () => {
    const old = freshFolder();
    const database = new DatabaseSync(join(old, 'desk.sqlite'));
    for (const statements of migrations.slice(0, 3)) database.exec(statements);
    database.exec(`PRAGMA user_version = 3;
      INSERT INTO connections VALUES ('c1', 'flinks', 'x', 'sandbox', 'https://x.test', '{}', 'memory', '', '', NULL, '');
      INSERT INTO sessions (connection_id, product, id, reference, status, source, first_seen_at)
        VALUES ('c1', 'geft', 'sess-0001', 'Order-1', 'active', 'added', '')`);
    database.close();
    const store = await Store.open(storeWorker, {
      folder: old,
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    const search = async (text: string) => {
      const page = calls['sessions.page'].input.parse({ filter: { search: text } });
      return (await store.run('sessionPage', { ...page, after: null })).rows.length;
    };
    expect(await search('order-1')).toBe(1);
    await store.run('setNote', { sessionKey: 1, note: 'ticket 8812', at: '', audit: { action: 'session_noted' } });
    expect(await search('8812')).toBe(1);
    await store.close();
  });
});

describe('facts that change', () => {
  it('leave an event in the timeline while the status stays', async () => {
    await take(
      'id,reference,amount,currency,status,updatedAt\nsess-0001,Order-1,65.10,CAD,Initiated,2026-11-01T00:00:00Z\n',
    );
    const { key } = await only('Order-1');
    await take('id,reference,amount,updatedAt\nsess-0001,Order-1,65.1,2026-11-02T00:00:00Z\n');
    expect((await storyOf(key)).map(({ kind }) => kind)).toEqual(['tracked']);
    await take(
      'id,reference,amount,expiresAt,updatedAt\nsess-0001,Order-2,70,2026-12-01T00:00:00Z,2026-11-03T00:00:00Z\n',
    );
    expect((await storyOf(key))[0]).toMatchObject({
      kind: 'facts',
      facts: [
        { fact: 'reference', from: 'Order-1', to: 'Order-2' },
        { fact: 'amount', from: '65.1', to: '70' },
        { fact: 'expiresAt', from: null, to: '2026-12-01T00:00:00.000Z' },
      ],
    });
  });

  it('leave one where a reading tells them, and where a signed event does', async () => {
    await take('id,amount,currency,status\nsess-0001,65,CAD,Initiated\n');
    const { key } = await only('sess-0001');
    await desk.close();
    const store = await Store.open(storeWorker, {
      folder: folder(),
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
    await store.run('recordReading', { sessionKey: key, at: '2026-11-20T14:00:00.000Z', reading, audit: null });
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
    await store.run('recordEvent', { session, reading: session, when: '2026-11-20T14:00:30.000Z', audit });
    // One that is older than what was read tells nothing.
    await store.run('recordEvent', {
      session,
      reading: { ...reading, amount: '1' },
      when: '2026-11-19T00:00:00.000Z',
      audit,
    });
    const events = await store.run('sessionEvents', key);
    expect(events.map(({ kind, facts }) => [kind, facts && (JSON.parse(facts) as unknown)])).toEqual([
      ['event', null],
      ['event', null],
      ['facts', [{ fact: 'amount', from: '65.00', to: '80' }]],
      ['facts', [{ fact: 'reference', from: null, to: 'Order-1' }]],
      ['tracked', null],
    ]);
    await store.close();
    desk = await openTestDesk({ dataFolder });
  });
});
