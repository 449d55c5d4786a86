import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AppState } from '../../../src-main/contract/index.ts';
import type { HostConfirmation } from '../../../src-main/core/host-confirmation.ts';
import { Store, type NewSession } from '../../../src-main/core/store/index.ts';
import { createTempFolder, sessionPageInput, openTestApp, storeWorkerUrl } from '../../support/app.ts';
import { createAuditFixture, openFixture, addRecords, createFilledAuditFixture } from '../audit/audit-fixtures.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const oldTimestamp = '2026-01-05T10:00:00.000Z';
const recentTimestamp = new Date().toISOString();

/** Sums the counters by status, without counts of zero. */
async function countByStatus(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, sessions } of await store.run('sessionCountGroups', null))
    counts[status] = (counts[status] ?? 0) + sessions;
  return counts;
}

describe('backups', () => {
  it('backup: is created while other writes continue, and contains the database', async () => {
    const fixture = await createFilledAuditFixture();
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    const [backup] = await Promise.all([app.handlers['backups.create']({}), addRecords(app, 20)]);
    expect(await app.handlers['backups.list']({})).toEqual([backup]);
    const path = join(fixture.dataFolder, 'work', 'backups', backup.name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const copy = new DatabaseSync(path, { readOnly: true });
    expect(Number(copy.prepare('SELECT count(*) AS count FROM connections').get()?.['count'])).toBeGreaterThanOrEqual(
      12,
    );
    copy.close();
    expect((await app.handlers['audit.verify']({})).result).toBe('intact');
  });

  it('backup: a restore loses no audit record, and keeps the replaced file', async () => {
    const fixture = await createFilledAuditFixture();
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    const { name } = await app.handlers['backups.create']({});
    await addRecords(app, 5);
    const { total: before } = await app.handlers['audit.list']({ before: null, limit: 1 });
    expect((await app.handlers['backups.restore']({ name })).workspaceError).toBeNull();
    expect(await app.handlers['connections.list']({})).toHaveLength(12);
    const { rows, total } = await app.handlers['audit.list']({ before: null, limit: 2 });
    expect(total).toBe(before + 2);
    expect(rows.map(({ action }) => action)).toEqual(['workspace_opened', 'database_restored']);
    expect(await app.handlers['audit.verify']({})).toMatchObject({ result: 'intact', damages: [] });
    expect(
      readdirSync(join(fixture.dataFolder, 'work')).filter((file) => file.startsWith('desk.replaced-')),
    ).toHaveLength(1);
  });

  it('backup: can be restored over a damaged database, and the verification reports the lost records', async () => {
    const fixture = await createFilledAuditFixture();
    const first = await openFixture(fixture);
    const { name } = await first.handlers['backups.create']({});
    await addRecords(first, 5);
    await first.close();
    writeFileSync(fixture.file, 'not a database'.repeat(1_000));
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    expect((await app.handlers['app.getState']({})).workspaceError).toMatchObject({ code: 'database_damaged' });
    expect((await app.handlers['backups.restore']({ name })).workspaceError).toBeNull();
    expect((await app.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'rolled_back' });
    expect(await app.handlers['connections.list']({})).toHaveLength(12);
  });

  it('backup: a file that is not a backup is refused, and the workspace stays open', async () => {
    const fixture = await createFilledAuditFixture();
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    await app.handlers['backups.list']({});
    const folder = join(fixture.dataFolder, 'work', 'backups');
    writeFileSync(join(folder, 'junk.sqlite'), 'junk');
    await expect(app.handlers['backups.restore']({ name: 'junk.sqlite' })).rejects.toMatchObject({
      code: 'backup_invalid',
      messageKey: 'maintenance.backupInvalid',
      params: { name: 'junk.sqlite' },
    });
    await expect(app.handlers['backups.restore']({ name: '../desk.sqlite' })).rejects.toMatchObject({
      code: 'backup_not_found',
      messageKey: 'maintenance.backupNotFound',
    });
    expect((await app.handlers['app.getState']({})).workspaceError).toBeNull();
    expect((await app.handlers['audit.verify']({})).result).toBe('intact');
  });
});

describe('backups of other kinds', () => {
  it('backups: a replaced database and a copy from before an update are listed and can be restored', async () => {
    const fixture = await createFilledAuditFixture();
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    const { name } = await app.handlers['backups.create']({});
    await addRecords(app, 5);
    const { total } = await app.handlers['audit.list']({ before: null, limit: 1 });
    await app.handlers['backups.restore']({ name });
    copyFileSync(
      join(fixture.dataFolder, 'work', 'backups', name),
      join(fixture.dataFolder, 'work', 'desk.before-9.sqlite'),
    );
    // Other files of the folder are not backups.
    writeFileSync(join(fixture.dataFolder, 'work', 'desk.other.sqlite'), '');
    const backups = await app.handlers['backups.list']({});
    expect(backups.map(({ kind }) => kind).sort()).toEqual(['backup', 'before_migration', 'replaced']);
    const replaced = backups.find(({ kind }) => kind === 'replaced');
    expect(replaced?.name).toMatch(/^desk\.replaced-\d{8}T\d{6}-\d{3}Z\.sqlite$/);
    expect((await app.handlers['backups.restore']({ name: replaced?.name ?? '' })).workspaceError).toBeNull();
    expect((await app.handlers['audit.list']({ before: null, limit: 1 })).total).toBeGreaterThan(total);
    expect(await app.handlers['audit.verify']({})).toMatchObject({ result: 'intact' });
  });

  // Verifies F-11.
  it('backups: a copy is deleted with its log after the confirmation of the host, and recorded', async () => {
    const fixture = await createFilledAuditFixture();
    const requests: HostConfirmation[] = [];
    let isConfirmed = false;
    const app = await openTestApp({
      dataFolder: fixture.dataFolder,
      keychain: fixture.keychain,
      confirmInHost: (request) => {
        requests.push(request);
        return Promise.resolve(isConfirmed);
      },
    });
    onTestFinished(() => app.close());
    const folder = join(fixture.dataFolder, 'work');
    const { name } = await app.handlers['backups.create']({});
    const replacedFiles = ['', '-wal', '-shm'].map((suffix) => `desk.replaced-20261121T090000Z.sqlite${suffix}`);
    for (const file of replacedFiles) writeFileSync(join(folder, file), 'x');
    await expect(app.handlers['backups.delete']({ name })).rejects.toMatchObject({
      code: 'confirmation_declined',
      messageKey: 'app.confirmationDeclined',
    });
    expect(await app.handlers['backups.list']({})).toHaveLength(2);
    isConfirmed = true;
    for (const each of [name, replacedFiles[0] ?? '']) await app.handlers['backups.delete']({ name: each });
    expect(requests).toEqual([name, name, replacedFiles[0]].map((each) => ({ kind: 'delete_backup', name: each })));
    expect(await app.handlers['backups.list']({})).toEqual([]);
    expect(nonEmpty(readdirSync(folder)).filter((file) => file.startsWith('desk.replaced-'))).toEqual([]);
    const { rows } = await app.handlers['audit.list']({ before: null, limit: 2 });
    expect(rows.map(({ action, detail }) => [action, detail])).toEqual([
      ['backup_deleted', { kind: 'files', files: [replacedFiles[0]] }],
      ['backup_deleted', { kind: 'files', files: [name] }],
    ]);
  });

  // Verifies F-11.
  it('backups: only files of the list can be deleted', async () => {
    const fixture = await createFilledAuditFixture();
    const app = await openFixture(fixture);
    onTestFinished(() => app.close());
    const folder = join(fixture.dataFolder, 'work');
    const target = join(createTempFolder(), 'desk.sqlite');
    writeFileSync(target, 'x');
    await app.handlers['backups.list']({});
    symlinkSync(target, join(folder, 'backups', 'link.sqlite'));
    mkdirSync(join(folder, 'backups', 'folder.sqlite'));
    const names = ['desk.sqlite', '../desk.sqlite', 'backups/../desk.sqlite', 'owner.lock', target, 'link.sqlite', '.'];
    for (const name of [...names, 'folder.sqlite', 'desk.replaced-/../../desk.sqlite', 'desk.before-9.sqlite'])
      await expect(app.handlers['backups.delete']({ name })).rejects.toMatchObject({ code: 'backup_not_found' });
    expect(existsSync(target)).toBe(true);
    expect((await app.handlers['audit.verify']({})).result).toBe('intact');
  });
});

describe('removeOldSessions', () => {
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

  async function createStoreWith(sessions: NewSession[]): Promise<Store> {
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

  it('removal: removes only old sessions with a final status', async () => {
    const store = await createStoreWith([
      session('old and final'),
      session('old and active', { status: 'active' }),
      session('old and unknown', { status: 'unknown' }),
      session('old but checked recently', { lastCheckedAt: recentTimestamp }),
      session('recent', { firstSeenAt: recentTimestamp }),
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
    const { rows: remaining } = await store.run('sessionPage', sessionPageInput());
    expect(remaining.map(({ id }) => id)).toEqual([
      'the newest',
      'recent',
      'old but checked recently',
      'old and unknown',
      'old and active',
    ]);
    expect(await countByStatus(store)).toEqual({ active: 1, cancelled: 2, completed: 1, unknown: 1 });
    // The search no longer finds the session. Every audit record stays, and one is added for the removal.
    expect((await store.run('sessionPage', sessionPageInput({ search: 'old and final' }))).rows).toEqual([]);
    const after = await store.run('auditPage', { before: null, limit: 1 });
    expect([after.total, after.rows[0]?.action]).toEqual([total + 1, 'sessions_removed']);
  });

  it('removal: keeps a session with an unresolved cancellation', async () => {
    const store = await createStoreWith([session('a'), session('b')]);
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

describe('session counts', () => {
  it('session counts: the counters of the triggers equal a count after inserts, updates and deletes', async () => {
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
      `UPDATE sessions SET status = 'cancelled' WHERE key % 7 = 0;
      UPDATE sessions SET source = 'imported', reference = 'x' WHERE key % 3 = 0;
      DELETE FROM sessions WHERE key % 11 = 0`,
    );
    const expectedCounts = database.prepare('SELECT status, count(*) AS count FROM sessions GROUP BY status').all();
    const byStatus = await countByStatus(store);
    expect(Object.fromEntries(expectedCounts.map((row) => [row['status'], row['count']]))).toEqual(byStatus);
    expect(Object.values(byStatus).reduce((sum, count) => sum + count, 0)).toBe(273);
    expect(await store.run('countSessionsOfConnection', 'c1')).toBe(
      database.prepare("SELECT count(*) AS count FROM sessions WHERE connection_id = 'c1'").get()?.['count'],
    );
    database.close();
  });
});

describe('Store.run with an abort signal', () => {
  it('aborted read: rejects at once, and the next request is executed', async () => {
    const store = await Store.open(storeWorkerUrl, {
      folder: createTempFolder(),
      operator: 'olivia',
      host: 'desk-7',
      auditKey: new Uint8Array(32),
    });
    onTestFinished(() => store.close());
    const controller = new AbortController();
    const aborted = store.run('countGroups', { ...sessionPageInput({ search: 'x' }), after: 0 }, controller.signal);
    const next = store.run('connections', null);
    controller.abort(new Error('search changed'));
    await expect(aborted).rejects.toThrow('search changed');
    expect(await next).toEqual([]);
    await expect(store.run('connections', null, controller.signal)).rejects.toThrow('search changed');
  });
});

it('large damaged database: is opened, checked in the background, and closed with database_damaged', async () => {
  const fixture = createAuditFixture();
  await (await openFixture(fixture)).close();
  const database = new DatabaseSync(fixture.file);
  database.exec('BEGIN');
  const insert = database.prepare("INSERT INTO settings VALUES ('padding', ?, ?)");
  for (let count = 0; count < 70; count += 1) insert.run(`padding ${count}`, 'x'.repeat(1_000_000));
  database.exec('COMMIT');
  database.close();
  const descriptor = openSync(fixture.file, 'r+');
  writeSync(descriptor, Buffer.alloc(8 * 4_096, 0xaa), 0, 8 * 4_096, 40 * 2 ** 20);
  closeSync(descriptor);
  const app = await openTestApp({ dataFolder: fixture.dataFolder, keychain: fixture.keychain });
  onTestFinished(() => app.close());
  const errorState = await new Promise<AppState>((resolve) =>
    app.on('app.changed', (state) => state.workspaceError && resolve(state)),
  );
  expect(errorState.workspaceError).toMatchObject({ code: 'database_damaged' });
}, 60_000);

describe('audit log filter', () => {
  it('audit filter: matches by time, operator, action, outcome and connection, with exact totals', async () => {
    const fixture = createAuditFixture();
    const app = await openFixture(fixture);
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
    const page = async (conditions: Partial<Record<keyof typeof filter, unknown>>) => {
      const { rows, total } = await app.handlers['audit.list']({
        filter: { ...filter, ...conditions } as typeof filter,
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

  it('outcomesPerDay: counts completed cancellations by day and outcome', async () => {
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
