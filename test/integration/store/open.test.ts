import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '../../../src-main/core/store/index.ts';
import { createTempFolder, openTestApp, storeWorkerUrl, textDetail } from '../../support/app.ts';
import { spawnApp } from '../../support/spawn-app.ts';

const openStore = (folder: string) =>
  Store.open(storeWorkerUrl, { folder, operator: 'olivia', host: 'desk-7', auditKey: new Uint8Array(32) });

/** Creates a folder with a database. */
async function createStoreFolder(): Promise<string> {
  const folder = createTempFolder();
  await (await openStore(folder)).close();
  return folder;
}

/** Only root can mount a small file system to fill; these tests are skipped for other users. */
const itAsRoot: (name: string, test: () => Promise<void>) => void = process.getuid?.() === 0 ? it : () => undefined;

describe('Store.open', () => {
  // Verifies F-01.
  it('open: creates a folder and files that only their user can read', async () => {
    const folder = join(createTempFolder(), 'work');
    const store = await openStore(folder);
    onTestFinished(() => store.close());
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of ['desk.sqlite', 'owner.lock']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('open: fails with already_running while another process owns the workspace, and works after its end', async () => {
    const dataFolder = createTempFolder();
    const owner = await spawnApp(dataFolder);
    await expect(openStore(join(dataFolder, 'work'))).rejects.toMatchObject({
      code: 'already_running',
      messageKey: 'maintenance.alreadyRunning',
    });
    await owner.kill();
    await (await openStore(join(dataFolder, 'work'))).close();
  });

  it.each([
    [
      'a file that is not a database',
      (path: string) => writeFileSync(path, 'not a database, but long enough to be read'.repeat(50)),
    ],
    [
      'a database with a page overwritten',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xaa, 4_096, 3 * 4_096);
        writeFileSync(path, bytes);
      },
    ],
    ['a truncated database', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5_000))],
  ])('open: %s fails with database_damaged and is not changed', async (_, damage) => {
    const folder = await createStoreFolder();
    const path = join(folder, 'desk.sqlite');
    damage(path);
    const before = readFileSync(path);
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database_damaged',
      messageKey: 'maintenance.databaseDamaged',
      params: { folder },
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('open: a database of a newer version fails with database_version_unsupported', async () => {
    const folder = await createStoreFolder();
    const database = new DatabaseSync(join(folder, 'desk.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'database_version_unsupported',
      messageKey: 'maintenance.databaseVersionUnsupported',
      params: { folder, found: 99 },
      details: { found: 99 },
    });
  });

  // Verifies F-03.
  it('open: does not follow a symbolic link in place of the database', async () => {
    const folder = createTempFolder();
    const linkTarget = join(createTempFolder(), 'target');
    symlinkSync(linkTarget, join(folder, 'desk.sqlite'));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'folder_not_writable' });
    expect(existsSync(linkTarget)).toBe(false);
  });

  // Verifies F-10.
  if (process.getuid?.() === 0)
    it.each(['desk.sqlite', 'owner.lock'])('open: does not use the file %s of another user', async (name) => {
      const folder = await createStoreFolder();
      chownSync(join(folder, name), 65_534, 65_534);
      await expect(openStore(folder)).rejects.toMatchObject({ code: 'folder_not_writable' });
    });

  it('open: fails with folder_not_writable if the folder cannot be created', async () => {
    const file = join(createTempFolder(), 'file');
    writeFileSync(file, '');
    await expect(openStore(join(file, 'work'))).rejects.toMatchObject({ code: 'folder_not_writable' });
  });

  it('open: fails with folder_not_writable if the folder is read-only', async () => {
    const folder = createTempFolder();
    if (process.getuid?.() === 0) {
      // Root ignores permissions, but not a read-only mount.
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]);
      onTestFinished(() => void execFileSync('umount', [folder]));
    } else chmodSync(folder, 0o500);
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'folder_not_writable',
      messageKey: 'maintenance.folderNotWritable',
    });
  });

  itAsRoot(
    'disk full: a write fails with disk_full, earlier records stay, and writes work after space is freed',
    async () => {
      const disk = createTempFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
      onTestFinished(() => void execFileSync('umount', [disk]));
      const folder = join(disk, 'work');
      mkdirSync(folder);
      const store = await openStore(folder);
      onTestFinished(() => store.close());
      await store.run('appendAudit', { action: 'workspace_opened', detail: textDetail('before') });
      const fillDisk = async () => {
        for (;;) await store.run('appendAudit', { action: 'workspace_opened', detail: textDetail('x'.repeat(50_000)) });
      };
      await expect(fillDisk()).rejects.toMatchObject({ code: 'disk_full', messageKey: 'maintenance.diskFull' });
      const { rows, total } = await store.run('auditPage', { before: null, limit: 500 });
      expect(rows.at(-2)?.detail).toEqual(textDetail('before'));
      expect(total).toBe(rows.length);
      execFileSync('mount', ['-o', 'remount,size=16m', disk]);
      await store.run('appendAudit', { action: 'workspace_opened', detail: textDetail('after') });
      expect((await store.run('auditPage', { before: null, limit: 1 })).rows[0]?.detail).toEqual(textDetail('after'));
    },
  );

  itAsRoot('disk full: creating the database fails with disk_full, and works after space is freed', async () => {
    const folder = createTempFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    onTestFinished(() => void execFileSync('umount', [folder]));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'disk_full' });
    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    await (await openStore(folder)).close();
  });

  it('open: a damaged database is a workspace error, and opening works again after the file is moved', async () => {
    const dataFolder = createTempFolder();
    mkdirSync(join(dataFolder, 'work'));
    const path = join(dataFolder, 'work', 'desk.sqlite');
    writeFileSync(path, 'damaged'.repeat(1_000));
    const app = await openTestApp({ dataFolder });
    onTestFinished(() => app.close());
    expect((await app.handlers['app.getState']({})).workspaceError).toMatchObject({ code: 'database_damaged' });
    await expect(app.handlers['connections.list']({})).rejects.toMatchObject({ code: 'database_damaged' });
    execFileSync('mv', [path, `${path}.broken`]);
    expect((await app.handlers['workspace.open']({ workspace: 'work' })).workspaceError).toBeNull();
    expect(await app.handlers['connections.list']({})).toEqual([]);
  });

  it('open: an unexpected error is a workspace error as well', async () => {
    const dataFolder = createTempFolder();
    await (await openStore(join(dataFolder, 'work'))).close();
    const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'));
    database.exec(
      `PRAGMA foreign_keys = OFF;
      INSERT INTO feeds (id, connection_id, settings, created_at) VALUES ('f', 'c', 'not JSON', '2026-11-01')`,
    );
    database.close();
    const app = await openTestApp({ dataFolder });
    onTestFinished(() => app.close());
    expect((await app.handlers['app.getState']({})).workspaceError).toMatchObject({
      code: 'workspace_unavailable',
      retryable: true,
    });
    await expect(app.handlers['connections.list']({})).rejects.toMatchObject({ code: 'workspace_unavailable' });
  });
});
