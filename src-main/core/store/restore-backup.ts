import { chmodSync, existsSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../contract/index.ts';
import { checkIntegrity, copyDatabase } from './maintenance-task.ts';
import { migrations } from './migrations/index.ts';

/**
 * Puts a copy of a backup in the place of the database, before it is opened. What was there is kept beside it, whole or
 * not; answers with its path, null where there was none. Throws backup_invalid, with nothing changed.
 */
export function replaceDatabase(folder: string, backup: string): string | null {
  const file = join(folder, 'desk.sqlite');
  const unopened = join(folder, 'desk.restoring.sqlite');
  try {
    const source = new DatabaseSync(backup, { readOnly: true });
    try {
      checkIntegrity(source);
      const version = Number(source.prepare('PRAGMA user_version').get()?.['user_version']);
      if (version < 1 || version > migrations.length) throw new Error(`of format ${version}`);
      copyDatabase(source, unopened);
    } finally {
      source.close();
    }
  } catch (error) {
    throw new AppError(
      'backup_invalid',
      `${basename(backup)} is not a backup that this Session Desk can restore. Nothing was changed. Choose another backup.`,
      { details: { why: error instanceof Error ? error.message : '' } },
    );
  }
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const aside = existsSync(file) ? join(folder, `desk.replaced-${stamp}.sqlite`) : null;
  for (const suffix of ['', '-wal', '-shm']) {
    if (aside && existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  renameSync(unopened, file);
  chmodSync(file, 0o600);
  return aside;
}

/**
 * Audit records that the backup does not have, taken from the file it replaced: a restore must not shorten the record.
 * Answers how many; 0 where that file cannot be read or tells another course, which the head in the keychain then shows.
 */
export function mergeNewerAuditRecords(sqlite: DatabaseSync, replaced: string): number {
  try {
    sqlite.prepare('ATTACH ? AS replaced').run(replaced);
    try {
      // The replaced file may be from before a column was added.
      const columns = sqlite
        .prepare(
          `SELECT group_concat(name, ', ') AS names FROM pragma_table_info('audit', 'main')
        WHERE name IN (SELECT name FROM pragma_table_info('audit', 'replaced'))`,
        )
        .get()?.['names'];
      sqlite.exec('BEGIN IMMEDIATE');
      const { changes } = sqlite
        .prepare(
          `INSERT INTO main.audit (${String(columns)}) SELECT ${String(columns)} FROM replaced.audit
          WHERE sequence > (SELECT max(sequence) FROM main.audit)
            AND (SELECT mac FROM replaced.audit WHERE sequence = (SELECT max(sequence) FROM main.audit))
              = (SELECT mac FROM main.audit ORDER BY sequence DESC LIMIT 1)
          ORDER BY sequence`,
        )
        .run();
      sqlite.exec('UPDATE main.audit_tail SET sequence = (SELECT max(sequence) FROM main.audit); COMMIT');
      return Number(changes);
    } catch {
      sqlite.exec('ROLLBACK');
      return 0;
    } finally {
      sqlite.exec('DETACH replaced');
    }
  } catch {
    return 0;
  }
}
