import { lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError, type Backup } from '../../contract/index.ts';
import type { Store } from '../store/index.ts';

function backupFolder(folder: string): string {
  return join(folder, 'backups');
}

/** Newest first. Any database file in the folder counts, so that one brought from elsewhere can be restored. */
export function listBackups(folder: string): Backup[] {
  const all = backupFolder(folder);
  mkdirSync(all, { recursive: true, mode: 0o700 });
  return readdirSync(all)
    .filter((name) => name.endsWith('.sqlite') && lstatSync(join(all, name)).isFile())
    .map((name) => {
      const { size, mtime } = statSync(join(all, name));
      return { name, bytes: size, createdAt: mtime.toISOString() };
    })
    .sort((one, other) => other.createdAt.localeCompare(one.createdAt));
}

/** Throws backup_not_found; a name is never a path to somewhere else. */
export function resolveBackupPath(folder: string, name: string): string {
  const all = backupFolder(folder);
  if (name === basename(name) && listBackups(folder).some((backup) => backup.name === name)) return join(all, name);
  throw new AppError('backup_not_found', `There is no backup called ${name} in ${all}. Reload the list.`, {
    details: { name },
  });
}

/** What keeps a workspace's file in order. */
export class Backups {
  readonly #store: Store;
  readonly #folder: string;

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** A copy of this moment, made while work goes on. Throws disk_full or folder_not_writable; no half copy counts. */
  async create(): Promise<Backup> {
    listBackups(this.#folder);
    const name = `desk-${new Date().toISOString().replace(/[-:]/g, '').replace('.', '-')}.sqlite`;
    await this.#store.backUp(join(backupFolder(this.#folder), name));
    const made = listBackups(this.#folder).find((backup) => backup.name === name);
    if (!made) throw new Error('The backup was made and is not there.');
    await this.#store.run('appendAudit', { action: 'database_backed_up', detail: name });
    return made;
  }
}
