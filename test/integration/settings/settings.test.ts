import { describe, expect, it, onTestFinished } from 'vitest';
import { calls } from '../../../src-main/contract/index.ts';
import { BatchViews } from '../../../src-main/core/batches/batch-view.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  createTempFolder,
  memoryKeychain,
  unreachableProvider,
  addConnections,
  openTestApp,
} from '../../support/app.ts';
import { nonEmpty } from '../../support/non-empty.ts';

async function openApp(options: Parameters<typeof openTestApp>[0] = {}): Promise<App> {
  const app = await openTestApp(options);
  onTestFinished(() => app.close());
  return app;
}
const latestAuditRecords = async (app: App, limit = 1) =>
  (await app.handlers['audit.list']({ before: null, limit })).rows;

describe('settings: operator name', () => {
  it('operator name: appears in later records with the OS user, and applies to that user only', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    const app = await openTestApp({ dataFolder, keychain });
    await app.handlers['settings.change']({ operatorName: 'Olivia Martin' });
    expect((await latestAuditRecords(app))[0]).toMatchObject({
      action: 'settings_changed',
      outcome: 'operator_name',
      operator: 'olivia',
      detail: { kind: 'setting', from: null, to: 'Olivia Martin' },
    });
    await addConnections(app, unreachableProvider);
    expect((await latestAuditRecords(app))[0]?.operator).toBe('Olivia Martin (olivia)');
    expect((await app.handlers['app.getState']({})).operator).toBe('Olivia Martin (olivia)');
    await app.close();

    const reopened = await openTestApp({ dataFolder, keychain });
    expect((await latestAuditRecords(reopened))[0]).toMatchObject({
      action: 'workspace_opened',
      operator: 'Olivia Martin (olivia)',
    });
    expect(await reopened.handlers['audit.verify']({})).toMatchObject({ result: 'intact' });
    await reopened.close();
    const appOfOtherUser = await openApp({ dataFolder, keychain, operator: 'ben' });
    expect((await latestAuditRecords(appOfOtherUser))[0]?.operator).toBe('ben');
  });

  it('operator name: can be removed, and a name that could pass for another user is not valid', async () => {
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

  it('settings: stored values that are not valid are replaced by the defaults', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    await (await openTestApp({ dataFolder, keychain })).close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(`${dataFolder}/work/desk.sqlite`);
    database.exec(`INSERT INTO settings VALUES
      ('olivia', 'operator_name', '"root (ben)"'), ('', 'count_above', '5000'),
      ('olivia', 'single_keys', '"x"'), ('olivia', 'content_protection', '"x"'),
      ('', 'reasons', 'not json')`);
    database.close();
    const app = await openApp({ dataFolder, keychain });
    expect(await app.handlers['settings.get']({})).toEqual({
      operator: { osUser: 'olivia', name: null },
      reasons: null,
      typedCountThreshold: 25,
      singleKeyShortcutsEnabled: true,
      isHiddenFromRecordings: false,
    });
  });
});

describe('settings.change', () => {
  it('settings: a change is stored, sent to every window and recorded, and duplicate reasons are removed', async () => {
    const app = await openApp();
    const notifications: unknown[] = [];
    app.on('settings.changed', (settings) => notifications.push(settings));
    const changed = await app.handlers['settings.change']({
      reasons: ['Fraud', 'Asked', 'Fraud'],
      typedCountThreshold: 5,
    });
    expect(changed).toMatchObject({ reasons: ['Fraud', 'Asked'], typedCountThreshold: 5 });
    expect(await app.handlers['settings.get']({})).toEqual(changed);
    await expect.poll(() => notifications).toEqual([changed]);
    expect((await latestAuditRecords(app, 2)).map(({ outcome }) => outcome)).toEqual(['count_above', 'reasons']);
  });

  it('settings: single-key shortcuts are turned off for this user only', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    const app = await openTestApp({ dataFolder, keychain });
    expect(await app.handlers['settings.change']({ singleKeyShortcutsEnabled: false })).toMatchObject({
      singleKeyShortcutsEnabled: false,
    });
    expect((await latestAuditRecords(app))[0]).toMatchObject({
      action: 'settings_changed',
      outcome: 'single_keys',
      detail: { kind: 'setting', from: true, to: false },
    });
    await app.close();
    const reopened = await openTestApp({ dataFolder, keychain });
    expect(await reopened.handlers['settings.get']({})).toMatchObject({ singleKeyShortcutsEnabled: false });
    await reopened.close();
    const appOfOtherUser = await openApp({ dataFolder, keychain, operator: 'ben' });
    expect(await appOfOtherUser.handlers['settings.get']({})).toMatchObject({ singleKeyShortcutsEnabled: true });
  });

  it('settings: hiding from recordings is off, and is turned on for this user only and recorded', async () => {
    const [dataFolder, keychain] = [createTempFolder(), memoryKeychain()];
    const app = await openTestApp({ dataFolder, keychain });
    expect(await app.handlers['settings.get']({})).toMatchObject({ isHiddenFromRecordings: false });
    await app.handlers['settings.change']({ isHiddenFromRecordings: true });
    await app.handlers['settings.change']({ isHiddenFromRecordings: true });
    const [last, previous] = await latestAuditRecords(app, 2);
    expect(last).toMatchObject({
      action: 'settings_changed',
      outcome: 'content_protection',
      detail: { kind: 'setting', from: false, to: true },
    });
    expect(previous).not.toMatchObject({ outcome: 'content_protection' });
    await app.close();
    const reopened = await openTestApp({ dataFolder, keychain });
    expect(await reopened.handlers['settings.get']({})).toMatchObject({ isHiddenFromRecordings: true });
    await reopened.close();
    const appOfOtherUser = await openApp({ dataFolder, keychain, operator: 'ben' });
    expect(await appOfOtherUser.handlers['settings.get']({})).toMatchObject({ isHiddenFromRecordings: false });
  });

  it('settings: the threshold for the typed count can be lowered but not raised above the default', () => {
    const { input } = calls['settings.change'];
    expect(input.safeParse({ typedCountThreshold: 0 }).success).toBe(true);
    expect(input.safeParse({ typedCountThreshold: 26 }).success).toBe(false);
  });
});

describe('settings: threshold for the typed count', () => {
  const createBatchViews = (typedCountThreshold: number) =>
    new BatchViews(
      {
        store: null as never,
        connections: { list: () => [] } as never,
        rateLimiter: null as never,
        getTypedCountThreshold: () => typedCountThreshold,
        circuitBreaker: null as never,
      },
      new Map(),
    );

  it.each([
    [5, 5, false],
    [5, 6, true],
    [0, 1, true],
    [25, 25, false],
    [25, 26, true],
    [9_999, 26, true],
  ])('typed count: with threshold %i and %i sessions it is required: %s', (typedCountThreshold, asked, isRequired) => {
    expect(createBatchViews(typedCountThreshold).requiresTypedCount({ asked }, [])).toBe(isRequired);
  });
});

describe('diagnostics bundle', () => {
  it('diagnostics: the saved bundle equals the reviewed one and contains no secret, name or id', async () => {
    const app = await openApp();
    const { flinks } = await addConnections(app, unreachableProvider);
    const { diagnosticsId, files } = await app.handlers['diagnostics.collect']({});
    expect(files.map(({ name }) => name)).toEqual(['about.json', 'workspace.json', 'desk.log']);
    const text = JSON.stringify(files);
    const {
      flinks: { clientId, clientSecret },
      xendit,
    } = unreachableProvider.credentials;
    for (const privateText of [clientSecret, clientId, xendit.secretKey, flinks.id, flinks.name]) {
      expect(text).not.toContain(privateText);
    }
    const { file } = await app.handlers['diagnostics.write']({ diagnosticsId });
    const { readFileSync, statSync } = await import('node:fs');
    for (const entry of nonEmpty(files)) expect(readFileSync(file, 'utf8')).toContain(entry.text);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect((await latestAuditRecords(app))[0]).toMatchObject({ action: 'diagnostics_written' });
  });

  it('diagnostics: only the last collected bundle can be saved', async () => {
    const app = await openApp();
    const { diagnosticsId } = await app.handlers['diagnostics.collect']({});
    await app.handlers['diagnostics.collect']({});
    await expect(app.handlers['diagnostics.write']({ diagnosticsId })).rejects.toMatchObject({
      code: 'export_refused',
      messageKey: 'maintenance.diagnosticsOutdated',
    });
  });
});
