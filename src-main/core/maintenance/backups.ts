import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, createMessage, type Backup } from '../../contract/index.ts';
import { formatFileTime } from '../file-formats.ts';
import { requireConfirmation, type ConfirmInHost } from '../host-confirmation.ts';
import { ensurePrivateFolder } from '../private-folder.ts';
import type { Store } from '../store/index.ts';

/** A database and the files that SQLite keeps beside it. */
const fileSuffixes = ['', '-wal', '-shm'];

interface BackupFile extends Backup {
  readonly path: string;
}

function backupFolder(folder: string): string {
  return join(folder, 'backups');
}

/** The kind of a copy in the folder of the workspace; null for other files, such as the database itself. */
function workspaceFileKind(name: string): Backup['kind'] | null {
  if (/^desk\.replaced-[^/\\]+\.sqlite$/.test(name)) return 'replaced';
  return /^desk\.before-\d+\.sqlite$/.test(name) ? 'before_migration' : null;
}

function findFiles(folder: string, kindOf: (name: string) => Backup['kind'] | null): BackupFile[] {
  return readdirSync(folder).flatMap((name) => {
    const kind = kindOf(name);
    const path = join(folder, name);
    const stats = kind === null ? undefined : lstatSync(path, { throwIfNoEntry: false });
    if (kind === null || !stats?.isFile()) return [];
    const bytes = fileSuffixes.reduce((sum, suffix) => sum + fileSize(`${path}${suffix}`), 0);
    return [{ name, kind, bytes, createdAt: stats.mtime.toISOString(), path }];
  });
}

function fileSize(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Newest first. A name occurs once: a file in the folder of the workspace comes before one in `backups`. */
function findBackups(folder: string): BackupFile[] {
  ensurePrivateFolder(backupFolder(folder));
  const files = [
    ...findFiles(backupFolder(folder), (name) => (name.endsWith('.sqlite') ? 'backup' : null)),
    ...findFiles(folder, workspaceFileKind),
  ];
  return [...new Map(files.map((file) => [file.name, file])).values()].sort((a, b) =>
    b.createdAt.localeCompare(a.createdAt),
  );
}

/**
 * Newest first. Lists every database file in `backups`, so that a file from another computer can be restored, and the
 * copies that restores and updates left in the folder of the workspace.
 */
export function listBackups(folder: string): Backup[] {
  return findBackups(folder).map(({ path: _path, ...backup }) => backup);
}

/**
 * Returns the path of a backup. Throws backup_not_found if the name is not in the list; a name with a path never is.
 */
export function resolveBackupPath(folder: string, name: string): string {
  const found = findBackups(folder).find((backup) => backup.name === name);
  if (found) return found.path;
  const message = createMessage('maintenance.backupNotFound', { name, folder: backupFolder(folder) });
  throw new AppError('backup_not_found', message, { details: { name } });
}

/** Creates and deletes backups of the workspace's database. */
export class Backups {
  readonly #store: Store;
  readonly #folder: string;
  readonly #confirmInHost: ConfirmInHost | null;

  constructor(store: Store, folder: string, confirmInHost: ConfirmInHost | null) {
    this.#store = store;
    this.#folder = folder;
    this.#confirmInHost = confirmInHost;
  }

  /** Copies the database while other work continues. Throws disk_full or folder_not_writable; keeps no partial copy. */
  async create(): Promise<Backup> {
    listBackups(this.#folder);
    const name = `desk-${formatFileTime()}.sqlite`;
    await this.#store.backUp(join(backupFolder(this.#folder), name));
    const backup = listBackups(this.#folder).find((listed) => listed.name === name);
    if (!backup) throw new Error('The new backup is not in its folder.');
    await this.#store.run('appendAudit', { action: 'database_backed_up', detail: { kind: 'files', files: [name] } });
    return backup;
  }

  /**
   * Deletes a file of the list. Throws backup_not_found, confirmation_declined or folder_not_writable. The audit record
   * follows the deletion, because a full disk has room for it only then.
   */
  async delete(name: string): Promise<void> {
    const path = resolveBackupPath(this.#folder, name);
    await requireConfirmation(this.#confirmInHost, { kind: 'delete_backup', name });
    try {
      for (const suffix of fileSuffixes) rmSync(`${path}${suffix}`, { force: true });
    } catch {
      throw new AppError(
        'folder_not_writable',
        createMessage('maintenance.folderNotWritable', { folder: this.#folder }),
      );
    }
    await this.#store.run('appendAudit', { action: 'backup_deleted', detail: { kind: 'files', files: [name] } });
  }
}
