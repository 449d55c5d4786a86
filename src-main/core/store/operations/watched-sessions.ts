import type { DatabaseSync } from 'node:sqlite';

const notFinal = `status NOT IN ('completed', 'failed', 'cancelled', 'expired')`;

/** Returns the watched sessions without a final status, newest first. */
export function watchedSessionKeys(sqlite: DatabaseSync): number[] {
  return sqlite
    .prepare(
      `SELECT key FROM sessions
      WHERE key IN (SELECT session_key FROM watched_sessions) AND ${notFinal} ORDER BY key DESC`,
    )
    .all()
    .map((row) => Number(row['key']));
}

/** Returns the newest sessions that an operator or an event added since an instant and that have no final status. */
export function recentSessionKeys(sqlite: DatabaseSync, { since, limit }: { since: string; limit: number }): number[] {
  // Keys grow over time, so a scan from the greatest key is short.
  return sqlite
    .prepare(
      `SELECT key FROM (SELECT key, status, source, first_seen_at FROM sessions ORDER BY key DESC LIMIT 1000)
      WHERE source IN ('added', 'pasted', 'event') AND first_seen_at >= ? AND ${notFinal} LIMIT ?`,
    )
    .all(since, limit)
    .map((row) => Number(row['key']));
}

/** Adds or removes watched sessions, and stops watching sessions with a final status. Unknown keys are ignored. */
export function setWatched(
  sqlite: DatabaseSync,
  { sessionKeys, isWatched, at }: { sessionKeys: readonly number[]; isWatched: boolean; at: string },
): void {
  const keys = JSON.stringify(sessionKeys);
  if (isWatched) {
    sqlite
      .prepare(
        `INSERT INTO watched_sessions (session_key, since)
        SELECT key, ? FROM sessions WHERE key IN (SELECT value FROM json_each(?)) AND ${notFinal}
        ON CONFLICT DO NOTHING`,
      )
      .run(at, keys);
  } else {
    sqlite.prepare('DELETE FROM watched_sessions WHERE session_key IN (SELECT value FROM json_each(?))').run(keys);
  }
  sqlite
    .prepare(
      `DELETE FROM watched_sessions WHERE session_key NOT IN (
        SELECT key FROM sessions WHERE ${notFinal} AND key IN (SELECT session_key FROM watched_sessions))`,
    )
    .run();
}
