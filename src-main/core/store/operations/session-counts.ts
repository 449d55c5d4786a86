import type { DatabaseSync } from 'node:sqlite';

export function countSessionsOfConnection(sqlite: DatabaseSync, connectionId: string): number {
  const counted = sqlite
    .prepare('SELECT sum(sessions) AS sessions FROM session_counts WHERE connection_id = ?')
    .get(connectionId);
  return Number(counted?.['sessions'] ?? 0);
}
