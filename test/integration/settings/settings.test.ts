import { describe, expect, it, onTestFinished } from 'vitest';
import { calls } from '../../../src-main/contract/index.ts';
import { BatchRepository } from '../../../src-main/core/batches/batch-repository.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  createTempFolder,
  memoryKeychain,
  unreachableProvider,
  addConnections,
  openTestApp,
} from '../../support/app.ts';

async function openApp(options: Parameters<typeof openTestApp>[0] = {}): Promise<App> {
  const app = await openTestApp(options);
  onTestFinished(() => app.close());
  return app;
}
const latestAuditRecords = async (app: App, limit = 1) =>
  (await app.handlers['audit.page']({ before: null, limit })).rows;

describe('the name an operator goes by', () => {
  it('stands in every record from then on, with the OS user behind it, and is kept for that user alone', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    const app = await openTestApp({ dataFolder, keychain });
    await app.handlers['settings.change']({ operatorName: 'Olivia Martin' });
    expect((await latestAuditRecords(app))[0]).toMatchObject({
      action: 'settings_changed',
      outcome: 'operator_name',
      operator: 'olivia',
      detail: 'as it comes → Olivia Martin',
    });
    await addConnections(app, unreachableProvider);
    expect((await latestAuditRecords(app))[0]?.operator).toBe('Olivia Martin (olivia)');
    expect((await app.handlers['app.state']({})).operator).toBe('Olivia Martin (olivia)');
    await app.close();

    const again = await openTestApp({ dataFolder, keychain });
    expect((await latestAuditRecords(again))[0]).toMatchObject({
      action: 'workspace_opened',
      operator: 'Olivia Martin (olivia)',
    });
    expect(await again.handlers['audit.verify']({})).toMatchObject({ result: 'intact' });
    await again.close();
    const other = await openApp({ dataFolder, keychain, operator: 'ben' });
    expect((await latestAuditRecords(other))[0]?.operator).toBe('ben');
  });

  it('can be taken back, and a name that could pass for another user is none', async () => {
    const app = await openApp();
    await app.handlers['settings.change']({ operatorName: 'Olivia' });
    await app.handlers['settings.change']({ operatorName: null });
    await app.handlers['audit.verify']({});
    expect((await latestAuditRecords(app))[0]?.operator).toBe('olivia');
    const { input } = calls['settings.change'];
    for (const operatorName of ['root (ben)', 'a)', 'line\nbreak', 'right\u202Eleft', 'x'.repeat(61)]) {
      expect(input.safeParse({ operatorName }).success, JSON.stringify(operatorName)).toBe(false);
    }
    expect(input.parse({ operatorName: '  ' })).toEqual({ operatorName: null });
  });

  it('that was put into the file by hand and is none is not used', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    await (await openTestApp({ dataFolder, keychain })).close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(`${dataFolder}/work/desk.sqlite`);
    database.exec(`INSERT INTO settings VALUES
      ('olivia', 'operator_name', '"root (ben)"'), ('', 'count_above', '5000'), ('olivia', 'single_keys', '"x"'), ('', 'reasons', 'not json')`);
    database.close();
    const app = await openApp({ dataFolder, keychain });
    expect(await app.handlers['settings.get']({})).toEqual({
      operator: { osUser: 'olivia', name: null },
      reasons: null,
      typedCountThreshold: 25,
      singleKeyShortcutsEnabled: true,
    });
  });
});

describe('the other settings', () => {
  it('are kept, told to every screen and on record, reasons without doubles', async () => {
    const app = await openApp();
    const told: unknown[] = [];
    app.on('settings.changed', (settings) => told.push(settings));
    const changed = await app.handlers['settings.change']({
      reasons: ['Fraud', 'Asked', 'Fraud'],
      typedCountThreshold: 5,
    });
    expect(changed).toMatchObject({ reasons: ['Fraud', 'Asked'], typedCountThreshold: 5 });
    expect(await app.handlers['settings.get']({})).toEqual(changed);
    await expect.poll(() => told).toEqual([changed]);
    expect((await latestAuditRecords(app, 2)).map(({ outcome }) => outcome)).toEqual(['count_above', 'reasons']);
  });

  it('turn the shortcuts of one character off for this user alone', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    const app = await openTestApp({ dataFolder, keychain });
    expect(await app.handlers['settings.change']({ singleKeyShortcutsEnabled: false })).toMatchObject({
      singleKeyShortcutsEnabled: false,
    });
    expect((await latestAuditRecords(app))[0]).toMatchObject({
      action: 'settings_changed',
      outcome: 'single_keys',
      detail: 'on → off',
    });
    await app.close();
    const again = await openTestApp({ dataFolder, keychain });
    expect(await again.handlers['settings.get']({})).toMatchObject({ singleKeyShortcutsEnabled: false });
    await again.close();
    const other = await openApp({ dataFolder, keychain, operator: 'ben' });
    expect(await other.handlers['settings.get']({})).toMatchObject({ singleKeyShortcutsEnabled: true });
  });

  it('can make the console stricter and never laxer', () => {
    const { input } = calls['settings.change'];
    expect(input.safeParse({ typedCountThreshold: 0 }).success).toBe(true);
    expect(input.safeParse({ typedCountThreshold: 26 }).success).toBe(false);
  });
});

describe('the count above which the number is typed', () => {
  const books = (typedCountThreshold: number) =>
    new BatchRepository({
      store: null as never,
      connections: { list: () => [] } as never,
      rateLimiter: null as never,
      getTypedCountThreshold: () => typedCountThreshold,
      getRunState: () => null,
      onBatchChanged: () => undefined,
    });

  it.each([
    [5, 5, false],
    [5, 6, true],
    [0, 1, true],
    [25, 25, false],
    [25, 26, true],
    [9_999, 26, true],
  ])('set to %i, for %i sessions: %s', (typedCountThreshold, asked, needed) => {
    expect(books(typedCountThreshold).requiresTypedCount({ asked }, [])).toBe(needed);
  });
});

describe('a diagnostics bundle', () => {
  it('is written as it was shown, on record, and holds no secret, name or id', async () => {
    const app = await openApp();
    const { flinks } = await addConnections(app, unreachableProvider);
    const { diagnosticsId, files } = await app.handlers['diagnostics.collect']({});
    expect(files.map(({ name }) => name)).toEqual(['about.json', 'workspace.json', 'desk.log']);
    const text = JSON.stringify(files);
    const {
      flinks: { clientId, clientSecret },
      xendit,
    } = unreachableProvider.credentials;
    for (const kept of [clientSecret, clientId, xendit.secretKey, flinks.id, flinks.name]) {
      expect(text).not.toContain(kept);
    }
    const { file } = await app.handlers['diagnostics.write']({ diagnosticsId });
    const { readFileSync, statSync } = await import('node:fs');
    for (const part of files) expect(readFileSync(file, 'utf8')).toContain(part.text);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect((await latestAuditRecords(app))[0]).toMatchObject({ action: 'diagnostics_written' });
  });

  it('that was not the last one looked at is not written', async () => {
    const app = await openApp();
    const { diagnosticsId } = await app.handlers['diagnostics.collect']({});
    await app.handlers['diagnostics.collect']({});
    await expect(app.handlers['diagnostics.write']({ diagnosticsId })).rejects.toMatchObject({
      code: 'export_refused',
    });
  });
});
