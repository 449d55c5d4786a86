import { lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError, createMessage, type Backup } from '../../contract/index.ts';
import type { Store } from '../store/index.ts';

function backupFolder(folder: string): string {
  return join(folder, 'backups');
}

/** Newest first. Lists every database file in the folder, so that a file from another computer can be restored. */
export function listBackups(folder: string): Backup[] {
  const backupFolderPath = backupFolder(folder);
  mkdirSync(backupFolderPath, { recursive: true, mode: 0o700 });
  return readdirSync(backupFolderPath)
    .filter((name) => name.endsWith('.sqlite') && lstatSync(join(backupFolderPath, name)).isFile())
    .map((name) => {
      const { size, mtime } = statSync(join(backupFolderPath, name));
      return { name, bytes: size, createdAt: mtime.toISOString() };
    })
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/**
 * Returns the path of a backup. Throws backup_not_found if the name is not in the list; a name with a path never is.
 */
export function resolveBackupPath(folder: string, name: string): string {
  const backupFolderPath = backupFolder(folder);
  if (name === basename(name) && listBackups(folder).some((backup) => backup.name === name))
    return join(backupFolderPath, name);
  const message = createMessage('maintenance.backupNotFound', { name, folder: backupFolderPath });
  throw new AppError('backup_not_found', message, { details: { name } });
}

/** Creates backups of the workspace's database. */
export class Backups {
  readonly #store: Store;
  readonly #folder: string;

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** Copies the database while other work continues. Throws disk_full or folder_not_writable; keeps no partial copy. */
  async create(): Promise<Backup> {
    listBackups(this.#folder);
    const name = `desk-${new Date().toISOString().replace(/[-:]/g, '').replace('.', '-')}.sqlite`;
    await this.#store.backUp(join(backupFolder(this.#folder), name));
    const backup = listBackups(this.#folder).find((listed) => listed.name === name);
    if (!backup) throw new Error('The new backup is not in its folder.');
    await this.#store.run('appendAudit', { action: 'database_backed_up', detail: name });
    return backup;
  }
}
