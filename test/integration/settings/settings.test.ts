import { describe, expect, it, onTestFinished } from 'vitest';
import { calls } from '../../../src-main/contract/index.ts';
import { Books } from '../../../src-main/core/batches/batch-repository.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { freshFolder, memoryKeychain, nowhere, connect, openTestDesk } from '../../support/app.ts';

async function open(options: Parameters<typeof openTestDesk>[0] = {}): Promise<Desk> {
  const desk = await openTestDesk(options);
  onTestFinished(() => desk.close());
  return desk;
}
const newest = async (desk: Desk, limit = 1) => (await desk.handlers['audit.page']({ before: null, limit })).rows;

describe('the name an operator goes by', () => {
  it('stands in every record from then on, with the OS user behind it, and is kept for that user alone', async () => {
    const [dataFolder, keychain] = [freshFolder(), memoryKeychain()];
    const desk = await openTestDesk({ dataFolder, keychain });
    await desk.handlers['settings.change']({ operatorName: 'Olivia Martin' });
    expect((await newest(desk))[0]).toMatchObject({
      action: 'settings_changed',
      outcome: 'operator_name',
      operator: 'olivia',
      detail: 'as it comes → Olivia Martin',
    });
    await connect(desk, nowhere);
    expect((await newest(desk))[0]?.operator).toBe('Olivia Martin (olivia)');
    expect((await desk.handlers['desk.state']({})).operator).toBe('Olivia Martin (olivia)');
    await desk.close();

    const again = await openTestDesk({ dataFolder, keychain });
    expect((await newest(again))[0]).toMatchObject({ action: 'workspace_opened', operator: 'Olivia Martin (olivia)' });
    expect(await again.handlers['audit.verify']({})).toMatchObject({ verdict: 'intact' });
    await again.close();
    const other = await open({ dataFolder, keychain, operator: 'ben' });
    expect((await newest(other))[0]?.operator).toBe('ben');
  });

  it('can be taken back, and a name that could pass for another user is none', async () => {
    const desk = await open();
    await desk.handlers['settings.change']({ operatorName: 'Olivia' });
    await desk.handlers['settings.change']({ operatorName: null });
    await desk.handlers['audit.verify']({});
    expect((await newest(desk))[0]?.operator).toBe('olivia');
    const { input } = calls['settings.change'];
    for (const operatorName of ['root (ben)', 'a)', 'line\nbreak', 'right\u202Eleft', 'x'.repeat(61)]) {
      expect(input.safeParse({ operatorName }).success, JSON.stringify(operatorName)).toBe(false);
    }
    expect(input.parse({ operatorName: '  ' })).toEqual({ operatorName: null });
  });

  it('that was put into the file by hand and is none is not used', async () => {
    const [dataFolder, keychain] = [freshFolder(), memoryKeychain()];
    await (await openTestDesk({ dataFolder, keychain })).close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(`${dataFolder}/work/desk.sqlite`);
    database.exec(`INSERT INTO settings VALUES
      ('olivia', 'operator_name', '"root (ben)"'), ('', 'count_above', '5000'), ('olivia', 'single_keys', '"x"'), ('', 'reasons', 'not json')`);
    database.close();
    const desk = await open({ dataFolder, keychain });
    expect(await desk.handlers['settings.get']({})).toEqual({
      operator: { user: 'olivia', name: null },
      reasons: null,
      countAbove: 25,
      singleKeys: true,
    });
  });
});

describe('the other settings', () => {
  it('are kept, told to every screen and on record, reasons without doubles', async () => {
    const desk = await open();
    const told: unknown[] = [];
    desk.on('settings.changed', (settings) => told.push(settings));
    const changed = await desk.handlers['settings.change']({ reasons: ['Fraud', 'Asked', 'Fraud'], countAbove: 5 });
    expect(changed).toMatchObject({ reasons: ['Fraud', 'Asked'], countAbove: 5 });
    expect(await desk.handlers['settings.get']({})).toEqual(changed);
    await expect.poll(() => told).toEqual([changed]);
    expect((await newest(desk, 2)).map(({ outcome }) => outcome)).toEqual(['count_above', 'reasons']);
  });

  it('turn the shortcuts of one character off for this user alone', async () => {
    const [dataFolder, keychain] = [freshFolder(), memoryKeychain()];
    const desk = await openTestDesk({ dataFolder, keychain });
    expect(await desk.handlers['settings.change']({ singleKeys: false })).toMatchObject({ singleKeys: false });
    expect((await newest(desk))[0]).toMatchObject({
      action: 'settings_changed',
      outcome: 'single_keys',
      detail: 'on → off',
    });
    await desk.close();
    const again = await openTestDesk({ dataFolder, keychain });
    expect(await again.handlers['settings.get']({})).toMatchObject({ singleKeys: false });
    await again.close();
    const other = await open({ dataFolder, keychain, operator: 'ben' });
    expect(await other.handlers['settings.get']({})).toMatchObject({ singleKeys: true });
  });

  it('can make the console stricter and never laxer', () => {
    const { input } = calls['settings.change'];
    expect(input.safeParse({ countAbove: 0 }).success).toBe(true);
    expect(input.safeParse({ countAbove: 26 }).success).toBe(false);
  });
});

describe('the count above which the number is typed', () => {
  const books = (countAbove: number) =>
    new Books({
      store: null as never,
      connections: { list: () => [] } as never,
      pace: null as never,
      countAbove: () => countAbove,
      live: () => null,
      changed: () => undefined,
    });

  it.each([
    [5, 5, false],
    [5, 6, true],
    [0, 1, true],
    [25, 25, false],
    [25, 26, true],
    [9_999, 26, true],
  ])('set to %i, for %i sessions: %s', (countAbove, asked, needed) => {
    expect(books(countAbove).needsCount({ asked }, [])).toBe(needed);
  });
});

describe('a diagnostics bundle', () => {
  it('is written as it was shown, on record, and holds no secret, name or id', async () => {
    const desk = await open();
    const { flinks } = await connect(desk, nowhere);
    const { diagnosticsId, parts } = await desk.handlers['diagnostics.gather']({});
    expect(parts.map(({ name }) => name)).toEqual(['about.json', 'workspace.json', 'desk.log']);
    const text = JSON.stringify(parts);
    const {
      flinks: { clientId, clientSecret },
      xendit,
    } = nowhere.credentials;
    for (const kept of [clientSecret, clientId, xendit.secretKey, flinks.id, flinks.name]) {
      expect(text).not.toContain(kept);
    }
    const { file } = await desk.handlers['diagnostics.write']({ diagnosticsId });
    const { readFileSync, statSync } = await import('node:fs');
    for (const part of parts) expect(readFileSync(file, 'utf8')).toContain(part.text);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect((await newest(desk))[0]).toMatchObject({ action: 'diagnostics_written' });
  });

  it('that was not the last one looked at is not written', async () => {
    const desk = await open();
    const { diagnosticsId } = await desk.handlers['diagnostics.gather']({});
    await desk.handlers['diagnostics.gather']({});
    await expect(desk.handlers['diagnostics.write']({ diagnosticsId })).rejects.toMatchObject({
      code: 'export_refused',
    });
  });
});
