import type { DatabaseSync } from 'node:sqlite';
import type { SavedView } from '../../../contract/index.ts';

export type SettingName = 'operator_name' | 'reasons' | 'count_above' | 'single_keys' | 'content_protection';

/** One setting; `value` is JSON, null resets it to the default. */
export interface Setting {
  readonly owner: string;
  readonly name: SettingName;
  readonly value: string | null;
}

/** Returns the settings of one OS user and the shared settings. */
export function settingsForUser(sqlite: DatabaseSync, user: string): Setting[] {
  return sqlite
    .prepare("SELECT owner, name, value FROM settings WHERE owner IN (?, '')")
    .all(user) as unknown as Setting[];
}

export function putSetting(sqlite: DatabaseSync, { setting: { owner, name, value } }: { setting: Setting }): void {
  if (value === null) sqlite.prepare('DELETE FROM settings WHERE owner = ? AND name = ?').run(owner, name);
  else
    sqlite
      .prepare('INSERT INTO settings VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(owner, name, value);
}

/** Ordered by name. */
export function savedViews(sqlite: DatabaseSync): SavedView[] {
  return sqlite
    .prepare('SELECT id, name, query, columns FROM saved_views ORDER BY name COLLATE NOCASE, id')
    .all()
    .map((row) => ({ ...row, columns: JSON.parse(String(row['columns'])) as string[] }) as SavedView);
}

export function putView(sqlite: DatabaseSync, { id, name, query, columns }: SavedView): void {
  sqlite
    .prepare(
      `INSERT INTO saved_views (id, name, query, columns) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query, columns = excluded.columns`,
    )
    .run(id, name, query, JSON.stringify(columns));
}

export function removeView(sqlite: DatabaseSync, id: string): void {
  sqlite.prepare('DELETE FROM saved_views WHERE id = ?').run(id);
}
