/** Attacks with an edited database: as a backup that is restored, or in the place of the database. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { AppError, createMessage, newFeed, type Connection } from '../../../src-main/contract/index.ts';
import { openDatabase } from '../../../src-main/core/store/open-database.ts';
import type { App, HostConfirmation, Keychain } from '../../../src-main/core/index.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  openTestApp,
  reason,
  trackSession,
} from '../../support/app.ts';
import { createFilledAuditFixture } from '../audit/audit-fixtures.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: SpawnedSimulator;
beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 40 });
});
afterAll(() => simulator.stop());
afterEach(() => simulator.reset());

interface Desk {
  readonly dataFolder: string;
  readonly keychain: ReturnType<typeof memoryKeychain>;
  readonly connections: Record<'flinks' | 'xendit', Connection>;
  /** Two active sessions of Xendit. */
  readonly sessionKey: number;
  readonly otherSessionKey: number;
  /** Path of a backup of the database. The app is closed. */
  readonly backup: string;
}

/** A desk with two connections, two sessions of Xendit and a backup. */
async function createDesk(): Promise<Desk> {
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  const app = await openTestApp({ dataFolder, keychain });
  const connections = await addConnections(app, simulator);
  const sessions = await simulator.control('listSessions');
  const [session, other] = sessions.filter(
    ({ account, connection, state, subAccount }) =>
      account === 'practice' && connection === 'xendit' && state === 'active' && subAccount === null,
  );
  if (!session || !other) throw new Error('The simulator has too few active sessions of Xendit.');
  const { key: sessionKey } = await trackSession(app, connections.xendit, session);
  const { key: otherSessionKey } = await trackSession(app, connections.xendit, other);
  const { name } = await app.handlers['backups.create']({});
  await app.close();
  const backup = join(dataFolder, 'work', 'backups', name);
  return { dataFolder, keychain, connections, sessionKey, otherSessionKey, backup };
}

async function openDesk(
  { dataFolder, keychain }: { readonly dataFolder: string; readonly keychain: Keychain },
  confirmed: HostConfirmation[] = [],
): Promise<App> {
  const app = await openTestApp({
    dataFolder,
    keychain,
    confirmInHost: (request) => {
      confirmed.push(request);
      return Promise.resolve(true);
    },
  });
  onTestFinished(() => app.close());
  return app;
}

/** A server that records each request that it receives, and the secrets in it. */
async function startCollector(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function edit(file: string, ...statements: string[]): void {
  const database = new DatabaseSync(file);
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** A cancellation whose request was sent and got no response: after a start its session is read at the provider. */
function insertSentCancellation(sessionKey: number): string {
  return `INSERT INTO cancellations (id, session_key, state, payment_in_flight, operator, reason_category, reason_note,
    calls, unclear_calls, requested_at)
    VALUES ('11111111-1111-4111-8111-111111111111', ${sessionKey}, 'sent', 0, 'x', 'x', '', 1, 0,
      '2026-11-01T10:00:00.000Z')`;
}

const backupName = ({ backup }: Pick<Desk, 'backup'>) => backup.slice(backup.lastIndexOf('/') + 1);
const listActions = async (app: App) =>
  (await app.handlers['audit.list']({ before: null, limit: 100 })).rows.map(({ action }) => action);

describe('a restored backup with another base URL', () => {
  // Verifies S-11.
  it('restored base URL: the secret is not sent to it, before and after the review', async () => {
    const desk = await createDesk();
    const collector = await startCollector();
    edit(
      desk.backup,
      `UPDATE connections SET base_url = '${collector.url}' WHERE provider = 'xendit'`,
      insertSentCancellation(desk.sessionKey),
    );
    const app = await openDesk(desk);
    const state = await app.handlers['backups.restore']({ name: backupName(desk) });
    expect(state).toMatchObject({ workspaceError: null, isRestoreReviewPending: true });
    const review = await app.handlers['backups.getReview']({});
    expect(review).toMatchObject({ backupName: backupName(desk), unresolvedCancellations: 1 });
    expect(review?.destinations.map(({ name, check, storedFor }) => [name, check, storedFor])).toEqual([
      ['Flinks CA', 'matches', null],
      ['Xendit ID', 'differs', `${simulator.url} (xendit, sandbox)`],
    ]);
    await app.handlers['backups.completeReview']({ restoredSequence: review?.restoredSequence ?? 0 });
    const { id: connectionId } = desk.connections.xendit;
    await expect(app.handlers['connections.test']({ connectionId })).rejects.toMatchObject({
      code: 'credential_destination_changed',
      messageKey: 'connection.secretForOtherDestination',
    });
    await expect(app.handlers['sessions.refresh']({ sessionKey: desk.sessionKey })).rejects.toMatchObject({
      code: 'credential_destination_changed',
    });
    expect(collector.requests).toEqual([]);
    expect((await listActions(app)).filter((action) => action === 'secret_withheld')).toHaveLength(1);
    expect(await app.handlers['connections.list']({})).toMatchObject([
      { credential: { state: 'stored' } },
      { credential: { state: 'other_destination' } },
    ]);
  });

  // Verifies S-11.
  it('restored base URL: the secret that is entered again is confirmed in the host and then bound to it', async () => {
    const desk = await createDesk();
    const collector = await startCollector();
    edit(desk.backup, `UPDATE connections SET base_url = '${collector.url}' WHERE provider = 'xendit'`);
    const confirmed: HostConfirmation[] = [];
    const app = await openDesk(desk, confirmed);
    await app.handlers['backups.restore']({ name: backupName(desk) });
    const { id: connectionId } = desk.connections.xendit;
    const secret = 'xnd_development_entered_again';
    await app.handlers['connections.replaceSecret']({ connectionId, secret, allowInMemory: false });
    expect(confirmed).toEqual([
      { kind: 'restore_backup', name: backupName(desk) },
      {
        kind: 'secret_destination',
        name: 'Xendit ID',
        storedFor: `${simulator.url} (xendit, sandbox)`,
        destination: `${collector.url} (xendit, sandbox)`,
      },
    ]);
    const review = await app.handlers['backups.getReview']({});
    await app.handlers['backups.completeReview']({ restoredSequence: review?.restoredSequence ?? 0 });
    await app.handlers['connections.test']({ connectionId });
    expect(collector.requests).toHaveLength(1);
    expect(collector.requests[0]).toContain(Buffer.from(`${secret}:`).toString('base64'));
  });

  // Verifies S-11.
  it.each([
    ['provider', "provider = 'flinks'"],
    ['environment', "environment = 'production'"],
    ['base URL with credentials in front of another host', "base_url = base_url || '@127.0.0.1:9'"],
    ['id of the audit key', "id = 'audit-key'"],
  ])('restored connection with another %s: its secret is not used', async (_, change) => {
    const desk = await createDesk();
    edit(
      desk.backup,
      'PRAGMA foreign_keys = OFF',
      `UPDATE connections SET ${change} WHERE provider = 'xendit'`,
      `UPDATE sessions SET connection_id = 'audit-key' WHERE 'audit-key' IN (SELECT id FROM connections)`,
    );
    const app = await openDesk(desk);
    await app.handlers['backups.restore']({ name: backupName(desk) });
    const review = await app.handlers['backups.getReview']({});
    expect(review?.destinations).toMatchObject([{ check: 'matches' }, { name: 'Xendit ID', check: 'differs' }]);
    await app.handlers['backups.completeReview']({ restoredSequence: review?.restoredSequence ?? 0 });
    const before = (await simulator.readLog()).length;
    await expect(app.handlers['sessions.refresh']({ sessionKey: desk.sessionKey })).rejects.toMatchObject({
      code: 'credential_destination_changed',
    });
    expect(await simulator.readLog()).toHaveLength(before);
  });

  // Verifies S-11, S-12.
  it('restored feed: its secret is not sent to another URL', async () => {
    const desk = await createDesk();
    const backOffice = await startCollector();
    const collector = await startCollector();
    const first = await openDesk(desk);
    await first.handlers['feeds.add'](
      newFeed.parse({
        name: 'Shop',
        connectionId: desk.connections.flinks.id,
        product: 'geft',
        source: { kind: 'url', url: `${backOffice.url}/feed` },
        secret: 'feed-secret-marker',
      }),
    );
    const { name } = await first.handlers['backups.create']({});
    await first.close();
    edit(
      join(desk.dataFolder, 'work', 'backups', name),
      `UPDATE feeds SET settings = replace(settings, '${backOffice.url}', '${collector.url}')`,
    );
    const app = await openDesk(desk);
    await app.handlers['backups.restore']({ name });
    const [feed] = await app.handlers['feeds.list']({});
    const feedId = feed?.id ?? '';
    expect((await app.handlers['feeds.run']({ feedId })).lastError).toMatchObject({
      messageKey: 'maintenance.restoreNotReviewed',
    });
    const review = await app.handlers['backups.getReview']({});
    expect(review?.destinations.at(-1)).toMatchObject({
      kind: 'feed',
      check: 'differs',
      destination: `${collector.url} (feed)`,
      storedFor: `${backOffice.url} (feed)`,
    });
    await app.handlers['backups.completeReview']({ restoredSequence: review?.restoredSequence ?? 0 });
    expect((await app.handlers['feeds.run']({ feedId })).lastError).toMatchObject({
      messageKey: 'feed.secretForOtherDestination',
    });
    expect(collector.requests).toEqual([]);
    expect(backOffice.requests.length).toBeGreaterThan(0);
    expect(await listActions(app)).toContain('secret_withheld');
  });
});

describe('review after a restore', () => {
  // Verifies S-12.
  it('review: nothing is sent before it, also after a restart; then interrupted requests are checked', async () => {
    const desk = await createDesk();
    edit(desk.backup, insertSentCancellation(desk.sessionKey));
    const first = await openDesk(desk);
    await first.handlers['backups.restore']({ name: backupName(desk) });
    await first.close();
    const requestsBefore = (await simulator.readLog()).length;
    const app = await openDesk(desk);
    expect(await app.handlers['app.getState']({})).toMatchObject({ isRestoreReviewPending: true });
    const code = 'restore_not_reviewed';
    const { sessionKey, otherSessionKey, connections } = desk;
    for (const { id: connectionId } of nonEmpty(Object.values(connections)))
      await expect(app.handlers['connections.test']({ connectionId })).rejects.toMatchObject({ code });
    await expect(app.handlers['sessions.refresh']({ sessionKey })).rejects.toMatchObject({ code });
    await expect(app.handlers['cancellations.request']({ sessionKey: otherSessionKey, reason })).rejects.toMatchObject({
      code,
    });
    expect(await simulator.readLog()).toHaveLength(requestsBefore);

    const review = await app.handlers['backups.getReview']({});
    await expect(app.handlers['backups.completeReview']({ restoredSequence: 1 })).rejects.toMatchObject({ code });
    const settled = new Promise<void>((resolve) =>
      app.on('cancellations.changed', ({ rows }) => rows.some(({ state }) => state === 'still_active') && resolve()),
    );
    const state = await app.handlers['backups.completeReview']({ restoredSequence: review?.restoredSequence ?? 0 });
    expect(state.isRestoreReviewPending).toBe(false);
    await settled;
    expect(await app.handlers['backups.getReview']({})).toBeNull();
    expect((await listActions(app)).filter((action) => action === 'restore_reviewed')).toHaveLength(1);
  });

  // Verifies S-12.
  it('review: a database that was replaced by hand needs one too', async () => {
    const desk = await createDesk();
    const app = await openDesk(desk);
    await app.handlers['connections.test']({ connectionId: desk.connections.xendit.id });
    await app.close();
    copyFileSync(desk.backup, join(desk.dataFolder, 'work', 'desk.sqlite'));
    const reopened = await openDesk(desk);
    expect(await reopened.handlers['app.getState']({})).toMatchObject({ isRestoreReviewPending: true });
    expect(await reopened.handlers['backups.getReview']({})).toMatchObject({ backupName: null });
  });

  it('review: is not needed after a normal start, and for a database without connections', async () => {
    const desk = await createDesk();
    const app = await openDesk(desk);
    expect(await app.handlers['app.getState']({})).toMatchObject({ isRestoreReviewPending: false });
    expect(await app.handlers['backups.getReview']({})).toBeNull();
    await app.close();
    rmSync(join(desk.dataFolder, 'work'), { recursive: true });
    const empty = await openDesk(desk);
    expect(await empty.handlers['app.getState']({})).toMatchObject({ isRestoreReviewPending: false });
    expect((await listActions(empty)).slice(0, 3)).toEqual([
      'workspace_opened',
      'restore_reviewed',
      'audit_damage_found',
    ]);
  });

  it('review: is possible without a keychain, and the secrets stay unused', async () => {
    const desk = await createDesk();
    const app = await openDesk(desk);
    await app.handlers['backups.restore']({ name: backupName(desk) });
    await app.close();
    const reject = () =>
      Promise.reject(new AppError('keychain_unavailable', createMessage('connection.keychainUnavailable')));
    const withoutKeychain = await openDesk({ ...desk, keychain: { get: reject, set: reject, remove: reject } });
    const review = await withoutKeychain.handlers['backups.getReview']({});
    expect(review?.destinations.map(({ check }) => check)).toEqual(['unreadable', 'unreadable']);
    const restoredSequence = review?.restoredSequence ?? 0;
    expect(await withoutKeychain.handlers['backups.completeReview']({ restoredSequence })).toMatchObject({
      isRestoreReviewPending: false,
    });
    const { id: connectionId } = desk.connections.xendit;
    await expect(withoutKeychain.handlers['connections.test']({ connectionId })).rejects.toMatchObject({
      code: 'keychain_unavailable',
    });
  });

  // Verifies S-12.
  it('restore: changes nothing if it is declined in the host', async () => {
    const desk = await createDesk();
    const app = await openTestApp({ ...desk, confirmInHost: () => Promise.resolve(false) });
    onTestFinished(() => app.close());
    await expect(app.handlers['backups.restore']({ name: backupName(desk) })).rejects.toMatchObject({
      code: 'confirmation_declined',
    });
    expect(await listActions(app)).not.toContain('database_restored');
  });
});

/** A change of the schema, and the object that the error names. */
const foreignSchemas: readonly [string, string, string][] = [
  [
    'trigger that silences the audit log',
    'CREATE TRIGGER muted BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END',
    'trigger muted',
  ],
  [
    'trigger that changes a status',
    "CREATE TRIGGER altered AFTER UPDATE ON cancellations BEGIN UPDATE cancellations SET state = 'cancelled'; END",
    'trigger altered',
  ],
  ['view', 'CREATE VIEW extra AS SELECT * FROM sessions', 'view extra'],
  [
    'view in the place of a table',
    'ALTER TABLE settings RENAME TO settings_real; CREATE VIEW settings AS SELECT * FROM settings_real',
    'table settings',
  ],
  ['index', 'CREATE INDEX extra ON sessions (reference)', 'index extra'],
  ['virtual table', "CREATE VIRTUAL TABLE extra USING fts5 (text, tokenize = 'trigram')", 'table extra'],
  ['column', "ALTER TABLE connections ADD COLUMN extra TEXT DEFAULT 'x'", 'table connections'],
  ['removed trigger', 'DROP TRIGGER audit_never_changes', 'trigger audit_never_changes'],
  ['removed index', 'DROP INDEX cancellations_unresolved', 'index cancellations_unresolved'],
];

/** A closed app, and a copy of its database as a backup. */
async function createClosedDesk() {
  const { dataFolder, keychain, file } = await createFilledAuditFixture();
  const backups = join(dataFolder, 'work', 'backups');
  mkdirSync(backups, { recursive: true });
  const backup = join(backups, 'desk-copy.sqlite');
  copyFileSync(file, backup);
  return { dataFolder, keychain, file, backup };
}

describe('a database with a foreign schema', () => {
  // Verifies F-14.
  it.each(foreignSchemas)('foreign schema with %s: a backup with it is not restored', async (_, statement) => {
    const desk = await createClosedDesk();
    edit(desk.backup, statement);
    const app = await openDesk(desk);
    await expect(app.handlers['backups.restore']({ name: backupName(desk) })).rejects.toMatchObject({
      code: 'backup_invalid',
    });
    expect(await app.handlers['app.getState']({})).toMatchObject({
      workspaceError: null,
      isRestoreReviewPending: false,
    });
  });

  // Verifies F-14.
  it.each(foreignSchemas)('foreign schema with %s: a database with it is not opened', async (_, statement, name) => {
    const desk = await createClosedDesk();
    edit(desk.file, statement);
    const app = await openDesk(desk);
    const { workspaceError } = await app.handlers['app.getState']({});
    expect(workspaceError).toMatchObject({ code: 'database_schema_unexpected' });
    expect(String(workspaceError?.details['objects'])).toContain(name);
    await app.close();
    // A good backup replaces it.
    const restoring = await openDesk(desk);
    expect(await restoring.handlers['backups.restore']({ name: backupName(desk) })).toMatchObject({
      workspaceError: null,
    });
  });

  // Verifies F-14.
  it('foreign trigger: planted in the open database, it stops the cancellation before anything is sent', async () => {
    const desk = await createDesk();
    const app = await openDesk(desk);
    const before = await simulator.readLog();
    const attacker = new DatabaseSync(join(desk.dataFolder, 'work', 'desk.sqlite'), { timeout: 5_000 });
    attacker.exec('CREATE TRIGGER muted BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END');
    attacker.close();
    const { sessionKey } = desk;
    await expect(app.handlers['cancellations.request']({ sessionKey, reason })).rejects.toThrow(/malformed|damaged/);
    expect(await simulator.readLog()).toEqual(before);
  });

  // Verifies F-14.
  it('foreign trigger: one that ignores an intent stops the cancellation before anything is sent', async () => {
    const desk = await createDesk();
    const app = await openDesk(desk);
    const before = await simulator.readLog();
    const attacker = new DatabaseSync(join(desk.dataFolder, 'work', 'desk.sqlite'), { timeout: 5_000 });
    attacker.exec('CREATE TRIGGER muted BEFORE INSERT ON cancellations BEGIN SELECT RAISE(IGNORE); END');
    attacker.close();
    const { sessionKey } = desk;
    await expect(app.handlers['cancellations.request']({ sessionKey, reason })).rejects.toThrow(/malformed|damaged/);
    expect(await simulator.readLog()).toEqual(before);
  });

  // Verifies F-14.
  it('defensive mode: no statement of the app can write to the schema table', async () => {
    const desk = await createClosedDesk();
    const { sqlite, close } = openDatabase(join(desk.dataFolder, 'work'), null);
    onTestFinished(close);
    sqlite.exec('PRAGMA writable_schema = ON');
    expect(() => sqlite.exec("DELETE FROM sqlite_schema WHERE name = 'audit_never_changes'")).toThrow(
      /may not be modified/,
    );
    expect(() => sqlite.exec('DELETE FROM sessions_search_data')).toThrow(/may not be modified/);
  });
});
