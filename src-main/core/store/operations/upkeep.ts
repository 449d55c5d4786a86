import type { DatabaseSync } from 'node:sqlite';
import { finalStatuses } from '../../../contract/index.ts';

const final = finalStatuses.map((status) => `'${status}'`).join(', ');

export function countedSessionsOf(sqlite: DatabaseSync, connectionId: string): number {
  const counted = sqlite.prepare('SELECT sum(sessions) AS sessions FROM session_counts WHERE connection_id = ?').get(connectionId);
  return Number(counted?.['sessions'] ?? 0);
}

const old = `status IN (${final}) AND first_seen_at < ? AND coalesce(last_checked_at, '') < ?
  AND key < (SELECT max(key) FROM sessions)
  AND NOT EXISTS (
    SELECT 1 FROM cancellations c WHERE c.session_key = s.key AND c.state IN ('intended', 'sent', 'unknown'))
  AND NOT EXISTS (
    SELECT 1 FROM batches b JOIN batch_items i ON i.batch_number = b.number AND i.session_key = s.key
    WHERE b.state IN ('planning', 'planned', 'armed', 'running', 'paused', 'stopping', 'interrupted'))`;

export function countOldSessions(sqlite: DatabaseSync, before: string): number {
  return Number(sqlite.prepare(`SELECT count(*) AS count FROM sessions s WHERE ${old}`).get(before, before)?.['count']);
}

/**
 * Removes up to `limit` sessions in a final state that were last heard of before an instant, with their timeline and their
 * settled cancellations; answers how many. Never one with a cancellation whose outcome is unknown, never one that an open
 * plan or a batch under way names, never the newest key (it must not be given again, for the audit log speaks of sessions
 * by key), and never an audit record.
 */
export function removeOldSessions(sqlite: DatabaseSync, { before, limit }: { before: string; limit: number }): number {
  sqlite.exec('CREATE TEMP TABLE IF NOT EXISTS old_sessions (key INTEGER PRIMARY KEY); DELETE FROM old_sessions');
  sqlite
    .prepare(`INSERT INTO old_sessions SELECT key FROM sessions s WHERE ${old} LIMIT ?`)
    .run(before, before, limit);
  for (const table of ['session_events', 'cancellations', 'watched_sessions']) {
    sqlite.exec(`DELETE FROM ${table} WHERE session_key IN (SELECT key FROM old_sessions)`);
  }
  return Number(sqlite.prepare('DELETE FROM sessions WHERE key IN (SELECT key FROM old_sessions)').run().changes);
}
