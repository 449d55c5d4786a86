import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '../../../src-main/core/store/index.ts';
import { createTempFolder, openTestApp, storeWorkerUrl } from '../../support/app.ts';
import { spawnApp } from '../../support/spawn-app.ts';

const openStore = (folder: string) =>
  Store.open(storeWorkerUrl, { folder, operator: 'olivia', host: 'desk-7', auditKey: new Uint8Array(32) });

/** Opens and closes a store once, so that there is a database to break. */
async function createStoreFolder(): Promise<string> {
  const folder = createTempFolder();
  await (await openStore(folder)).close();
  return folder;
}

/** Only root can make a disk that is small enough to be filled; for others these tests are not there. */
const itAsRoot: (name: string, test: () => Promise<void>) => void = process.getuid?.() === 0 ? it : () => undefined;

describe('opening a workspace', () => {
  // Verifies F-01.
  it('makes a folder and files that only their user can read', async () => {
    const folder = join(createTempFolder(), 'work');
    const store = await openStore(folder);
    onTestFinished(() => store.close());
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of ['desk.sqlite', 'owner.lock']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('refuses a second owner in another process, and serves again once the first is gone', async () => {
    const dataFolder = createTempFolder();
    const owner = await spawnApp(dataFolder);
    await expect(openStore(join(dataFolder, 'work'))).rejects.toMatchObject({
      code: 'already_running',
      message: expect.stringContaining('already open'),
    });
    await owner.kill();
    await (await openStore(join(dataFolder, 'work'))).close();
  });

  it.each([
    [
      'a file that is no database',
      (path: string) => writeFileSync(path, 'not a database, but long enough to be looked at'.repeat(50)),
    ],
    [
      'a database with a page overwritten',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xaa, 4_096, 3 * 4_096);
        writeFileSync(path, bytes);
      },
    ],
    ['a database cut short', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5_000))],
  ])('refuses %s and leaves it as it is', async (_, damage) => {
    const folder = await createStoreFolder();
    const path = join(folder, 'desk.sqlite');
    damage(path);
    const before = readFileSync(path);
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database_damaged',
      message: expect.stringContaining(folder),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('refuses a database of a newer version and leaves it as it is', async () => {
    const folder = await createStoreFolder();
    const database = new DatabaseSync(join(folder, 'desk.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database_version_unsupported',
      details: { found: 99 },
    });
  });

  // Verifies F-03.
  it('does not follow a link that was put where the database belongs', async () => {
    const folder = createTempFolder();
    const elsewhere = join(createTempFolder(), 'target');
    symlinkSync(elsewhere, join(folder, 'desk.sqlite'));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'folder_not_writable' });
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('says so where the folder cannot be made', async () => {
    const file = join(createTempFolder(), 'file');
    writeFileSync(file, '');
    await expect(openStore(join(file, 'work'))).rejects.toMatchObject({ code: 'folder_not_writable' });
  });

  it('says so where the folder is read-only', async () => {
    const folder = createTempFolder();
    if (process.getuid?.() === 0) {
      // Permissions do not bind root, a read-only mount does.
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]);
      onTestFinished(() => void execFileSync('umount', [folder]));
    } else chmodSync(folder, 0o500);
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'folder_not_writable',
      message: expect.stringContaining('write access'),
    });
  });

  itAsRoot('says so where the disk is full, keeps what was recorded, and goes on once there is room', async () => {
    const disk = createTempFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', [disk]));
    const folder = join(disk, 'work');
    mkdirSync(folder);
    const store = await openStore(folder);
    onTestFinished(() => store.close());
    await store.run('appendAudit', { action: 'workspace_opened', detail: 'before' });
    const fill = async () => {
      for (;;) await store.run('appendAudit', { action: 'workspace_opened', detail: 'x'.repeat(50_000) });
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringContaining('Free some space'),
    });
    const { rows, total } = await store.run('auditPage', { before: null, limit: 500 });
    expect(rows.at(-2)?.detail).toBe('before');
    expect(total).toBe(rows.length);
    execFileSync('mount', ['-o', 'remount,size=16m', disk]);
    await store.run('appendAudit', { action: 'workspace_opened', detail: 'after' });
    expect((await store.run('auditPage', { before: null, limit: 1 })).rows[0]?.detail).toBe('after');
  });

  itAsRoot('says so where there is no room for an empty database, and makes one once there is', async () => {
    const folder = createTempFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    onTestFinished(() => void execFileSync('umount', [folder]));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'disk_full' });
    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    await (await openStore(folder)).close();
  });

  it('is what the desk tells the screen, which can try again', async () => {
    const dataFolder = createTempFolder();
    mkdirSync(join(dataFolder, 'work'));
    const path = join(dataFolder, 'work', 'desk.sqlite');
    writeFileSync(path, 'damaged'.repeat(1_000));
    const app = await openTestApp({ dataFolder });
    onTestFinished(() => app.close());
    expect((await app.handlers['app.state']({})).workspaceError).toMatchObject({ code: 'database_damaged' });
    await expect(app.handlers['connections.list']({})).rejects.toMatchObject({ code: 'database_damaged' });
    execFileSync('mv', [path, `${path}.broken`]);
    expect((await app.handlers['workspace.open']({ workspace: 'work' })).workspaceError).toBeNull();
    expect(await app.handlers['connections.list']({})).toEqual([]);
  });

  it('that fails in a way nobody foresaw is a trouble on the screen too, not a desk without a workspace', async () => {
    const dataFolder = createTempFolder();
    await (await openStore(join(dataFolder, 'work'))).close();
    const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'));
    database.exec('PRAGMA foreign_keys = OFF; DROP TABLE connections');
    database.close();
    const app = await openTestApp({ dataFolder });
    onTestFinished(() => app.close());
    expect((await app.handlers['app.state']({})).workspaceError).toMatchObject({
      code: 'workspace_unavailable',
      retryable: true,
    });
    await expect(app.handlers['connections.list']({})).rejects.toMatchObject({ code: 'workspace_unavailable' });
  });
});
