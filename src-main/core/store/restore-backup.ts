import { chmodSync, existsSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, createMessage } from '../../contract/index.ts';
import { formatFileTime } from '../file-formats.ts';
import { findSchemaDifferences } from './expected-schema.ts';
import { checkIntegrity, copyDatabase, restoringFileName } from './maintenance-task.ts';
import { migrations } from './migrations/index.ts';

/**
 * Replaces the database, which must be closed, with a copy of a backup. The previous file stays in the folder under
 * another name, damaged or not; returns its path, or null if no file existed. Throws backup_invalid and changes nothing
 * if the file is damaged, has an unsupported format or holds parts that no migration created.
 */
export function replaceDatabase(folder: string, backup: string): string | null {
  const file = join(folder, 'desk.sqlite');
  const temporaryFile = join(folder, restoringFileName);
  try {
    const source = new DatabaseSync(backup, { readOnly: true });
    try {
      checkIntegrity(source, 'full');
      const version = Number(source.prepare('PRAGMA user_version').get()?.['user_version']);
      if (version < 1 || version > migrations.length) throw new Error(`unsupported format ${version}`);
      const differences = findSchemaDifferences(source, version);
      if (differences.length > 0) throw new Error(`unexpected schema: ${differences.join(', ')}`);
      copyDatabase(source, temporaryFile);
    } finally {
      source.close();
    }
  } catch (error) {
    throw new AppError('backup_invalid', createMessage('maintenance.backupInvalid', { name: basename(backup) }), {
      details: { why: error instanceof Error ? error.message : '' },
    });
  }
  const replacedFile = existsSync(file) ? join(folder, `desk.replaced-${formatFileTime()}.sqlite`) : null;
  for (const suffix of ['', '-wal', '-shm']) {
    if (replacedFile && existsSync(file + suffix)) renameSync(file + suffix, replacedFile + suffix);
  }
  renameSync(temporaryFile, file);
  chmodSync(file, 0o600);
  return replacedFile;
}

/**
 * Copies the audit records that are newer than the backup from the replaced file, so that a restore does not shorten
 * the audit log. Returns their number; 0 if the file cannot be read or its log does not continue the log of the backup.
 * In that case the log head in the keychain does not match, and the opening records the damage.
 */
export function mergeNewerAuditRecords(sqlite: DatabaseSync, replacedFile: string): number {
  try {
    sqlite.prepare('ATTACH ? AS replaced').run(replacedFile);
    try {
      const version = Number(sqlite.prepare('PRAGMA replaced.user_version').get()?.['user_version']);
      if (findSchemaDifferences(sqlite, version, 'replaced').length > 0) return 0;
      // An older replaced file may lack columns that were added later.
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
