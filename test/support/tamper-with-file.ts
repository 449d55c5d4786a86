import { DatabaseSync } from 'node:sqlite';

/** Changes the database file as somebody without the audit key could. The schema is afterwards as it was before. */
export function tamperWithFile(file: string, ...statements: string[]): void {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  const triggers = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit_never_%'")
    .all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
  for (const statement of statements) database.exec(statement);
  for (const { sql } of triggers) database.exec(String(sql));
  database.close();
}
