import type { DatabaseSync } from 'node:sqlite';

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

export function putSetting(sqlite: DatabaseSync, { owner, name, value }: Setting): void {
  if (value === null) sqlite.prepare('DELETE FROM settings WHERE owner = ? AND name = ?').run(owner, name);
  else
    sqlite
      .prepare('INSERT INTO settings VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(owner, name, value);
}
