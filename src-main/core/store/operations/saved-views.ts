import type { DatabaseSync } from 'node:sqlite';
import type { SavedView } from '../../../contract/index.ts';

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
