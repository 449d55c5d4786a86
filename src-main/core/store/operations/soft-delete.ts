/** Removes old sessions into a separate table, restores them, and purges them when the undo window ends. */
import type { DatabaseSync } from 'node:sqlite';
import { finalStatuses } from '../../../contract/index.ts';
import type { AuditIdentity } from '../audit-chain/audit-log.ts';
import { insertInto, prepareCached } from '../prepared-statements.ts';

const finalStatusList = finalStatuses.map((status) => `'${status}'`).join(', ');

/** Binds the instant `before` twice. */
const oldSessionCondition = `status IN (${finalStatusList}) AND first_seen_at < ? AND coalesce(last_checked_at, '') < ?
  AND key < (SELECT max(key) FROM sessions)
  AND key <> coalesce((SELECT session_key FROM session_events ORDER BY key DESC LIMIT 1), 0)
  AND NOT EXISTS (
    SELECT 1 FROM cancellations c WHERE c.session_key = s.key AND c.state IN ('intended', 'sent', 'unknown'))
  AND NOT EXISTS (
    SELECT 1 FROM batches b JOIN batch_items i ON i.batch_number = b.number AND i.session_key = s.key
    WHERE b.state IN ('planning', 'planned', 'armed', 'running', 'paused', 'stopping', 'interrupted'))`;

export function countOldSessions(sqlite: DatabaseSync, before: string): number {
  return Number(
    sqlite.prepare(`SELECT count(*) AS count FROM sessions s WHERE ${oldSessionCondition}`).get(before, before)?.[
      'count'
    ],
  );
}

export interface RemovalSlice extends Pick<RemovalRow, 'id' | 'at'> {
  /** A session that was last updated before this instant is old. */
  readonly before: string;
  readonly limit: number;
}

/**
 * Moves up to `limit` old sessions with a final status into `removed_sessions`, with their timeline and their settled
 * cancellations, and returns their number. Excludes sessions with an unresolved cancellation and sessions in an open
 * plan or an active batch. Also excludes the greatest key and the session of the newest event: keys must not be reused,
 * because audit records refer to sessions by key and an undo restores keys. Audit records are not changed.
 */
export function removeOldSessions(
  sqlite: DatabaseSync,
  { operator }: Pick<AuditIdentity, 'operator'>,
  { id, at, before, limit }: RemovalSlice,
): number {
  sqlite.exec('CREATE TEMP TABLE IF NOT EXISTS old_sessions (key INTEGER PRIMARY KEY); DELETE FROM old_sessions');
  const selected = sqlite
    .prepare(`INSERT INTO old_sessions SELECT key FROM sessions s WHERE ${oldSessionCondition} LIMIT ?`)
    .run(before, before, limit);
  if (selected.changes === 0) return 0;
  const removalRow = sqlite
    .prepare(
      `INSERT INTO removals (id, at, operator, sessions) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET sessions = sessions + excluded.sessions RETURNING number`,
    )
    .get(id, at, operator, selected.changes);
  const childRowsSql = (table: string) =>
    `(SELECT json_group_array(${rowAsJsonSql(sqlite, table, 't')}) FROM ${table} t WHERE t.session_key = s.key)`;
  sqlite
    .prepare(
      `INSERT INTO removed_sessions (key, removal_number, session, events, cancellations, watched_since)
    SELECT s.key, ?, ${rowAsJsonSql(sqlite, 'sessions', 's')}, ${childRowsSql('session_events')},
      ${childRowsSql('cancellations')},
      (SELECT since FROM watched_sessions w WHERE w.session_key = s.key)
    FROM old_sessions o JOIN sessions s ON s.key = o.key`,
    )
    .run(Number(removalRow?.['number']));
  for (const table of ['session_events', 'cancellations', 'watched_sessions']) {
    sqlite.exec(`DELETE FROM ${table} WHERE session_key IN (SELECT key FROM old_sessions)`);
  }
  sqlite.exec('DELETE FROM sessions WHERE key IN (SELECT key FROM old_sessions)');
  return Number(selected.changes);
}

function tableColumns(sqlite: DatabaseSync, table: string): string[] {
  return prepareCached(sqlite, 'SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name));
}

/** SQL for a row as a JSON object with the current columns of its table. */
function rowAsJsonSql(sqlite: DatabaseSync, table: string, alias: string): string {
  return `json_object(${tableColumns(sqlite, table)
    .map((name) => `'${name}', ${alias}.${name}`)
    .join(', ')})`;
}

export interface RemovalRow {
  readonly id: string;
  readonly at: string;
  readonly operator: string;
  readonly sessions: number;
}

/** Returns removals since an instant that can still be undone, newest first. */
export function retainedRemovals(sqlite: DatabaseSync, since: string): RemovalRow[] {
  return prepareCached(
    sqlite,
    'SELECT id, at, operator, sessions FROM removals WHERE at > ? ORDER BY at DESC, number DESC',
  ).all(since) as unknown as RemovalRow[];
}

/** The result of restoring one slice. */
export interface RestoredSlice {
  /** Restored unchanged. */
  readonly restored: number;
  /** Tracked again since the removal: these keep their data and get the earlier timeline back. */
  readonly merged: number;
  /** Their connection was removed: these were deleted. */
  readonly unrestorable: number;
  /** Not restored yet. */
  readonly remaining: number;
  readonly removedAt: string;
}

type JsonRow = Record<string, string | number | null>;

interface RetainedSession {
  readonly key: number;
  readonly session: JsonRow & { readonly key: number };
  readonly events: readonly JsonRow[];
  readonly cancellations: readonly JsonRow[];
  readonly watchedSince: string | null;
}

/**
 * Restores up to `limit` sessions of a removal with their original keys; returns null if the removal does not exist.
 */
export function restoreSessions(
  sqlite: DatabaseSync,
  { id, limit }: { id: string; limit: number },
): RestoredSlice | null {
  const removal = sqlite.prepare('SELECT number, at, sessions FROM removals WHERE id = ?').get(id);
  if (!removal) return null;
  const number = Number(removal['number']);
  const rows = sqlite
    .prepare(
      `SELECT key, session, events, cancellations, watched_since FROM removed_sessions
    WHERE removal_number = ? ORDER BY key LIMIT ?`,
    )
    .all(number, limit);
  const counts = { restored: 0, merged: 0, unrestorable: 0 };
  const restore = createRestorer(sqlite);
  for (const row of rows) counts[restore(parseRetained(row))] += 1;
  sqlite
    .prepare('DELETE FROM removed_sessions WHERE removal_number = ? AND key <= ?')
    .run(number, Number(rows.at(-1)?.['key'] ?? 0));
  const remaining = Number(removal['sessions']) - rows.length;
  decreaseRetained(sqlite, number, rows.length);
  return { ...counts, remaining, removedAt: String(removal['at']) };
}

function parseRetained(row: Record<string, unknown>): RetainedSession {
  const { key, session, events, cancellations, watched_since: since } = row;
  return {
    key: Number(key),
    session: JSON.parse(String(session)) as RetainedSession['session'],
    events: JSON.parse(String(events)) as JsonRow[],
    cancellations: JSON.parse(String(cancellations)) as JsonRow[],
    watchedSince: typeof since === 'string' ? since : null,
  };
}

function createRestorer(sqlite: DatabaseSync): (retained: RetainedSession) => 'restored' | 'merged' | 'unrestorable' {
  const connections = new Set(
    prepareCached(sqlite, 'SELECT id FROM connections')
      .all()
      .map(({ id }) => id),
  );
  const findStatement = prepareCached(
    sqlite,
    'SELECT key FROM sessions WHERE connection_id = ? AND product = ? AND id = ?',
  );
  // The newer session keeps its note and status; only missing values come from the removed session.
  const mergeStatement = prepareCached(
    sqlite,
    'UPDATE sessions SET note = coalesce(note, ?), first_seen_at = min(first_seen_at, ?) WHERE key = ?',
  );
  const watchStatement = prepareCached(sqlite, 'INSERT INTO watched_sessions (session_key, since) VALUES (?, ?)');
  const insertRow = {
    session: createRowInserter(sqlite, 'sessions'),
    event: createRowInserter(sqlite, 'session_events'),
    cancellation: createRowInserter(sqlite, 'cancellations'),
  };
  const insertHistory = ({ events, cancellations }: RetainedSession, key: number) => {
    for (const event of events) insertRow.event({ ...event, session_key: key });
    for (const cancellation of cancellations) insertRow.cancellation({ ...cancellation, session_key: key });
  };
  return (retained) => {
    const {
      connection_id: connectionId = null,
      product = null,
      id = null,
      note = null,
      first_seen_at: firstSeenAt = null,
    } = retained.session;
    if (!connections.has(connectionId)) return 'unrestorable';
    const existing = findStatement.get(connectionId, product, id);
    if (existing) {
      const key = Number(existing['key']);
      mergeStatement.run(note, firstSeenAt, key);
      insertHistory(retained, key);
      return 'merged';
    }
    insertRow.session(retained.session);
    insertHistory(retained, retained.key);
    if (retained.watchedSince !== null) watchStatement.run(retained.key, retained.watchedSince);
    return 'restored';
  };
}

/** Column names come from the table, not from the stored row: values of columns that no longer exist are skipped. */
function createRowInserter(sqlite: DatabaseSync, table: string): (row: JsonRow) => void {
  const columns = tableColumns(sqlite, table);
  return (row) => {
    const names = columns.filter((name) => name in row);
    insertInto(sqlite, table, Object.fromEntries(names.map((name) => [name, row[name]])));
  };
}

/**
 * Permanently deletes up to `limit` sessions that were removed at or before an instant, with their references in
 * batches; returns their number. Batches keep the IDs, amounts and outcomes of their sessions. The empty removal stays
 * until `rewriteAfterPurge`.
 */
export function purgeRemoved(
  sqlite: DatabaseSync,
  { removedUntil, limit }: { removedUntil: string; limit: number },
): number {
  const removal = sqlite
    .prepare('SELECT number FROM removals WHERE at <= ? AND sessions > 0 ORDER BY at LIMIT 1')
    .get(removedUntil);
  if (!removal) return 0;
  const number = Number(removal['number']);
  const keys = '(SELECT key FROM removed_sessions WHERE removal_number = ? ORDER BY key LIMIT ?)';
  sqlite
    .prepare(`UPDATE batch_items SET reference = NULL WHERE reference IS NOT NULL AND session_key IN ${keys}`)
    .run(number, limit);
  const { changes } = sqlite.prepare(`DELETE FROM removed_sessions WHERE key IN ${keys}`).run(number, limit);
  sqlite.prepare('UPDATE removals SET sessions = sessions - ? WHERE number = ?').run(changes, number);
  return Number(changes);
}

/**
 * Rewrites the database file after a purge: when SQLite moves rows between pages, copies can stay in unused parts of
 * the pages, which `secure_delete` does not overwrite. Does nothing if no sessions were purged since the last time.
 * Takes about a second for 100 MB, in which other requests wait. Call it outside a transaction.
 */
export function rewriteAfterPurge(sqlite: DatabaseSync): void {
  if (!sqlite.prepare('SELECT 1 FROM removals WHERE sessions = 0').get()) return;
  sqlite.exec('VACUUM');
  sqlite.exec('DELETE FROM removals WHERE sessions = 0');
}

function decreaseRetained(sqlite: DatabaseSync, number: number, by: number): void {
  sqlite.prepare('UPDATE removals SET sessions = sessions - ? WHERE number = ?').run(by, number);
  sqlite
    .prepare(
      `DELETE FROM removals WHERE number = ?
      AND NOT EXISTS (SELECT 1 FROM removed_sessions WHERE removal_number = removals.number)`,
    )
    .run(number);
}
