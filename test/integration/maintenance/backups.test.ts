import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AppState } from '../../../src-main/contract/index.ts';
import { Store, type NewSession } from '../../../src-main/core/store/index.ts';
import { createTempFolder, sessionPageInput, openTestApp, storeWorkerUrl } from '../../support/app.ts';
import { createAuditFixture, openFixture, addRecords, createFilledAuditFixture } from '../audit/audit-fixtures.ts';

const oldTimestamp = '2026-01-05T10:00:00.000Z';
const recentTimestamp = new Date().toISOString();

/** By the counters; those of nothing are left out. */
async function countByStatus(store: Store): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { status, sessions } of await store.run('sessionCountGroups', null))
    counted[status] = (counted[status] ?? 0) + sessions;
  return counted;
}

describe('a backup', () => {
  it('is made while work goes on, and holds what there was', async () => {
    const bench = await createFilledAuditFixture();
    const app = await openFixture(bench);
    onTestFinished(() => app.close());
    const [made] = await Promise.all([app.handlers['backups.create']({}), addRecords(app, 20)]);
    expect(await app.handlers['backups.list']({})).toEqual([made]);
    const path = join(bench.dataFolder, 'work', 'backups', made.name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const copy = new DatabaseSync(path, { readOnly: true });
    expect(Number(copy.prepare('SELECT count(*) AS count FROM connections').get()?.['count'])).toBeGreaterThanOrEqual(
      12,
    );
    copy.close();
    expect((await app.handlers['audit.verify']({})).result).toBe('intact');
  });

  it('is put back without an audit record lost, and the file before is kept', async () => {
    const bench = await createFilledAuditFixture();
    const app = await openFixture(bench);
    onTestFinished(() => app.close());
    const { name } = await app.handlers['backups.create']({});
    await addRecords(app, 5);
    const { total: before } = await app.handlers['audit.page']({ before: null, limit: 1 });
    expect((await app.handlers['backups.restore']({ name })).workspaceError).toBeNull();
    expect(await app.handlers['connections.list']({})).toHaveLength(12);
    const { rows, total } = await app.handlers['audit.page']({ before: null, limit: 2 });
    expect(total).toBe(before + 2);
    expect(rows.map(({ action }) => action)).toEqual(['workspace_opened', 'database_restored']);
    expect(await app.handlers['audit.verify']({})).toMatchObject({ result: 'intact', damages: [] });
    expect(
      readdirSync(join(bench.dataFolder, 'work')).filter((file) => file.startsWith('desk.replaced-')),
    ).toHaveLength(1);
  });

  it('opens a workspace whose file is damaged, and says which records are gone', async () => {
    const bench = await createFilledAuditFixture();
    const first = await openFixture(bench);
    const { name } = await first.handlers['backups.create']({});
    await addRecords(first, 5);
    await first.close();
    writeFileSync(bench.file, 'no database any more'.repeat(1_000));
    const app = await openFixture(bench);
    onTestFinished(() => app.close());
    expect((await app.handlers['app.state']({})).workspaceError).toMatchObject({ code: 'database_damaged' });
    expect((await app.handlers['backups.restore']({ name })).workspaceError).toBeNull();
    expect((await app.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'rolled_back' });
    expect(await app.handlers['connections.list']({})).toHaveLength(12);
  });

  it('that is none is refused, and the workspace stays open as it was', async () => {
    const bench = await createFilledAuditFixture();
    const app = await openFixture(bench);
    onTestFinished(() => app.close());
    await app.handlers['backups.list']({});
    const folder = join(bench.dataFolder, 'work', 'backups');
    writeFileSync(join(folder, 'junk.sqlite'), 'junk');
    await expect(app.handlers['backups.restore']({ name: 'junk.sqlite' })).rejects.toMatchObject({
      code: 'backup_invalid',
    });
    await expect(app.handlers['backups.restore']({ name: '../desk.sqlite' })).rejects.toMatchObject({
      code: 'backup_not_found',
    });
    expect((await app.handlers['app.state']({})).workspaceError).toBeNull();
    expect((await app.handlers['audit.verify']({})).result).toBe('intact');
  });
});

describe('retention', () => {
  const session = (id: string, changes: Partial<NewSession> = {}): NewSession => ({
    connectionId: 'c1',
    product: 'geft',
    id,
    reference: `ref ${id}`,
    amount: null,
    currency: null,
    status: 'cancelled',
    rawStatus: null,
    rawDetail: null,
    source: 'added',
    subAccount: null,
    createdAt: null,
    expiresAt: null,
    firstSeenAt: oldTimestamp,
    lastCheckedAt: null,
    ...changes,
  });

  async function storeWith(sessions: NewSession[]): Promise<Store> {
    const store = await Store.open(storeWorkerUrl, {
      folder: createTempFolder(),
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    onTestFinished(() => store.close());
    await store.run('putConnection', {
      row: {
        id: 'c1',
        provider: 'flinks',
        name: 'Flinks CA',
        environment: 'sandbox',
        baseUrl: 'https://example.test',
        options: '{}',
        secretPlace: 'keychain',
        secretLastFour: '',
        secretStoredAt: oldTimestamp,
        eventSecretPlace: null,
        locked: 0,
        createdAt: oldTimestamp,
      },
      audit: null,
    });
    await store.run('trackSessions', { sessions, audit: { action: 'session_added' } });
    return store;
  }

  it('removes old sessions in a final state and nothing else', async () => {
    const store = await storeWith([
      session('old and final'),
      session('old and active', { status: 'active' }),
      session('old and unknown', { status: 'unknown' }),
      session('old but checked lately', { lastCheckedAt: recentTimestamp }),
      session('young', { firstSeenAt: recentTimestamp }),
      session('old and expired', { status: 'expired' }),
      session('the newest', { status: 'completed' }),
    ]);
    const { total } = await store.run('auditPage', { before: null, limit: 1 });
    expect(await store.run('countOldSessions', '2026-06-01T00:00:00.000Z')).toBe(2);
    expect(
      await store.run('removeOldSessions', {
        id: crypto.randomUUID(),
        at: recentTimestamp,
        before: '2026-06-01T00:00:00.000Z',
        limit: 500,
      }),
    ).toBe(2);
    const { rows: left } = await store.run('sessionPage', sessionPageInput());
    expect(left.map(({ id }) => id)).toEqual([
      'the newest',
      'young',
      'old but checked lately',
      'old and unknown',
      'old and active',
    ]);
    expect(await countByStatus(store)).toEqual({ active: 1, cancelled: 2, completed: 1, unknown: 1 });
    // No trace in the search, every record in the log, and one more that says so.
    expect((await store.run('sessionPage', sessionPageInput({ search: 'old and final' }))).rows).toEqual([]);
    const after = await store.run('auditPage', { before: null, limit: 1 });
    expect([after.total, after.rows[0]?.action]).toEqual([total + 1, 'sessions_removed']);
  });

  it('keeps a session whose cancellation is not known to have ended', async () => {
    const store = await storeWith([session('a'), session('b')]);
    await store.run('insertIntent', {
      row: {
        id: crypto.randomUUID(),
        sessionKey: 1,
        state: 'unknown',
        cause: null,
        foundStatus: null,
        confirmedBy: null,
        paymentInFlight: 0,
        operator: 'olivia',
        reasonCategory: 'x',
        reasonNote: '',
        calls: 1,
        unclearCalls: 1,
        httpStatus: null,
        providerCode: null,
        providerMessage: null,
        requestId: null,
        requestedAt: oldTimestamp,
        settledAt: null,
      },
      audit: { action: 'cancel_intended', sessionKey: 1 },
    });
    expect(
      await store.run('removeOldSessions', {
        id: crypto.randomUUID(),
        at: recentTimestamp,
        before: recentTimestamp,
        limit: 500,
      }),
    ).toBe(0);
  });
});

describe('counts', () => {
  it('are those that counting would give, through every change', async () => {
    const folder = createTempFolder();
    const store = await Store.open(storeWorkerUrl, {
      folder,
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    onTestFinished(() => store.close());
    for (const id of ['c1', 'c2']) {
      await store.run('putConnection', {
        row: {
          id,
          provider: 'flinks',
          name: id,
          environment: 'sandbox',
          baseUrl: 'https://example.test',
          options: '{}',
          secretPlace: 'keychain',
          secretLastFour: '',
          secretStoredAt: oldTimestamp,
          eventSecretPlace: null,
          locked: 0,
          createdAt: oldTimestamp,
        },
        audit: null,
      });
    }
    const database = new DatabaseSync(join(folder, 'desk.sqlite'), { timeout: 5_000 });
    const statuses = ['active', 'completed', 'cancelled', 'expired', 'unknown'];
    const insert = database.prepare(
      'INSERT INTO sessions (connection_id, product, id, status, source, first_seen_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (let number = 0; number < 300; number += 1)
      insert.run(`c${1 + (number % 2)}`, 'geft', String(number), statuses[number % 5] ?? '', 'added', oldTimestamp);
    database.exec(
      "UPDATE sessions SET status = 'cancelled' WHERE key % 7 = 0; UPDATE sessions SET source = 'imported', reference = 'x' WHERE key % 3 = 0; DELETE FROM sessions WHERE key % 11 = 0",
    );
    const counted = database.prepare('SELECT status, count(*) AS count FROM sessions GROUP BY status').all();
    const byStatus = await countByStatus(store);
    expect(Object.fromEntries(counted.map((row) => [row['status'], row['count']]))).toEqual(byStatus);
    expect(Object.values(byStatus).reduce((sum, count) => sum + count, 0)).toBe(273);
    expect(await store.run('countSessionsOfConnection', 'c1')).toBe(
      database.prepare("SELECT count(*) AS count FROM sessions WHERE connection_id = 'c1'").get()?.['count'],
    );
    database.close();
  });
});

describe('a read that nobody waits for any more', () => {
  it('is given up at once, and what was asked after it is answered', async () => {
    const store = await Store.open(storeWorkerUrl, {
      folder: createTempFolder(),
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    onTestFinished(() => store.close());
    const stop = new AbortController();
    const given = store.run('countGroups', { ...sessionPageInput({ search: 'x' }), after: 0 }, stop.signal);
    const next = store.run('connections', null);
    stop.abort(new Error('typed on'));
    await expect(given).rejects.toThrow('typed on');
    expect(await next).toEqual([]);
    await expect(store.run('connections', null, stop.signal)).rejects.toThrow('typed on');
  });
});

it('a big file that is damaged is opened, found out in the background, and given up with its reason', async () => {
  const bench = createAuditFixture();
  await (await openFixture(bench)).close();
  const database = new DatabaseSync(bench.file);
  database.exec('CREATE TABLE ballast (text TEXT); BEGIN');
  const insert = database.prepare('INSERT INTO ballast VALUES (?)');
  for (let count = 0; count < 70; count += 1) insert.run('x'.repeat(1_000_000));
  database.exec('COMMIT');
  database.close();
  const descriptor = openSync(bench.file, 'r+');
  writeSync(descriptor, Buffer.alloc(8 * 4_096, 0xaa), 0, 8 * 4_096, 40 * 2 ** 20);
  closeSync(descriptor);
  const app = await openTestApp({ dataFolder: bench.dataFolder, keychain: bench.keychain });
  onTestFinished(() => app.close());
  const told = await new Promise<AppState>((resolve) =>
    app.on('app.changed', (state) => state.workspaceError && resolve(state)),
  );
  expect(told.workspaceError).toMatchObject({ code: 'database_damaged' });
}, 60_000);

describe('the audit log, filtered', () => {
  it('answers by time, operator, action, outcome, connection and session, with exact totals', async () => {
    const bench = createAuditFixture();
    const app = await openFixture(bench);
    onTestFinished(() => app.close());
    await addRecords(app, 5);
    const filter = {
      from: null,
      to: null,
      operator: null,
      action: null,
      outcome: null,
      connectionId: null,
      sessionKey: null,
      sessionId: null,
      batchId: null,
    } as const;
    const page = async (part: Partial<Record<keyof typeof filter, unknown>>) => {
      const { rows, total } = await app.handlers['audit.page']({
        filter: { ...filter, ...part } as typeof filter,
        before: null,
        limit: 3,
      });
      return [total, rows.length] as const;
    };
    expect(await page({})).toEqual([7, 3]);
    expect(await page({ action: 'connection_added' })).toEqual([5, 3]);
    expect(await page({ outcome: 'first_key' })).toEqual([1, 1]);
    expect(await page({ operator: 'nobody' })).toEqual([0, 0]);
    expect(await page({ operator: 'olivia', action: 'workspace_opened' })).toEqual([1, 1]);
    const [connection] = await app.handlers['connections.list']({});
    expect(await page({ connectionId: connection?.id })).toEqual([1, 1]);
    expect(await page({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' })).toEqual([0, 0]);
    expect(
      await page({
        from: new Date(Date.now() - 3_600_000).toISOString(),
        to: new Date(Date.now() + 60_000).toISOString(),
      }),
    ).toEqual([7, 3]);
    expect(await page({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([0, 0]);
  });

  it('gives the outcomes of each day', async () => {
    const store = await Store.open(storeWorkerUrl, {
      folder: createTempFolder(),
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    onTestFinished(() => store.close());
    for (const outcome of ['cancelled', 'cancelled', 'unknown'])
      await store.run('appendAudit', { action: 'cancel_settled', outcome });
    await store.run('appendAudit', { action: 'session_checked', outcome: 'active' });
    const day = new Date().toISOString().slice(0, 10);
    expect(await store.run('outcomesPerDay', { from: '2026-01-01', to: day })).toEqual([
      { day, outcomes: { cancelled: 2, unknown: 1 } },
    ]);
    expect(await store.run('outcomesPerDay', { from: '2020-01-01', to: '2020-12-31' })).toEqual([]);
  });
});
