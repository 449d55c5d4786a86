/** The removal of old sessions, what is kept of them until it is for good, and the way back. */
import type { DatabaseSync } from 'node:sqlite';
import { finalStatuses } from '../../../contract/index.ts';
import { prepareCached } from '../prepared-statements.ts';

const finalStatusList = finalStatuses.map((status) => `'${status}'`).join(', ');

/** `before`: an instant, twice. */
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

export interface RemovalSlice {
  readonly removal: { readonly id: string; readonly at: string; readonly operator: string };
  /** What was last heard of before this instant is old. */
  readonly before: string;
  readonly limit: number;
}

/**
 * Moves up to `limit` sessions in a final state that were last heard of before an instant to what a removal keeps, with their
 * timeline and their settled cancellations; answers how many. Never one with a cancellation whose outcome is unknown, never one
 * that an open plan or a batch under way names, never the newest key or the one with the newest event (no key may be given
 * again: the audit log speaks of sessions by key, and an undo needs its keys), and never an audit record.
 */
export function removeOldSessions(sqlite: DatabaseSync, { removal, before, limit }: RemovalSlice): number {
  sqlite.exec('CREATE TEMP TABLE IF NOT EXISTS old_sessions (key INTEGER PRIMARY KEY); DELETE FROM old_sessions');
  const found = sqlite
    .prepare(`INSERT INTO old_sessions SELECT key FROM sessions s WHERE ${oldSessionCondition} LIMIT ?`)
    .run(before, before, limit);
  if (found.changes === 0) return 0;
  const kept = sqlite
    .prepare(
      `INSERT INTO removals (id, at, operator, sessions) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET sessions = sessions + excluded.sessions RETURNING number`,
    )
    .get(removal.id, removal.at, removal.operator, found.changes);
  const all = (table: string) =>
    `(SELECT json_group_array(${rowAsJsonSql(sqlite, table, 't')}) FROM ${table} t WHERE t.session_key = s.key)`;
  sqlite
    .prepare(
      `INSERT INTO removed_sessions (key, removal_number, session, events, cancellations, watched_since)
    SELECT s.key, ?, ${rowAsJsonSql(sqlite, 'sessions', 's')}, ${all('session_events')}, ${all('cancellations')},
      (SELECT since FROM watched_sessions w WHERE w.session_key = s.key)
    FROM old_sessions o JOIN sessions s ON s.key = o.key`,
    )
    .run(Number(kept?.['number']));
  for (const table of ['session_events', 'cancellations', 'watched_sessions']) {
    sqlite.exec(`DELETE FROM ${table} WHERE session_key IN (SELECT key FROM old_sessions)`);
  }
  sqlite.exec('DELETE FROM sessions WHERE key IN (SELECT key FROM old_sessions)');
  return Number(found.changes);
}

function tableColumns(sqlite: DatabaseSync, table: string): string[] {
  return prepareCached(sqlite, 'SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name));
}

/** A row as a JSON object with every column that its table has now. */
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

/** Those made since an instant of which something is kept, newest first. */
export function retainedRemovals(sqlite: DatabaseSync, since: string): RemovalRow[] {
  return prepareCached(
    sqlite,
    'SELECT id, at, operator, sessions FROM removals WHERE at > ? ORDER BY at DESC, number DESC',
  ).all(since) as unknown as RemovalRow[];
}

/** What became of the sessions of one slice. */
export interface RestoredSlice {
  /** Back as they were. */
  readonly restored: number;
  /** Tracked anew meanwhile: these stay as they are, and have their earlier timeline again. */
  readonly merged: number;
  /** Their connection was removed meanwhile. What was kept of them is gone. */
  readonly lost: number;
  /** Still to be brought back. */
  readonly remaining: number;
  readonly removedAt: string;
}

/** For the record: how many, and of what day's removal. */
export function formatRestoreDetail({ restored, merged, lost, removedAt }: RestoredSlice): string {
  return [
    `${restored} sessions removed on ${removedAt.slice(0, 10)} are back`,
    ...(merged > 0 ? [`${merged} had been tracked anew and have their earlier timeline again`] : []),
    ...(lost > 0 ? [`${lost} cannot come back: their connection was removed`] : []),
  ].join('; ');
}

type JsonRow = Record<string, string | number | null>;

interface RetainedSession {
  readonly key: number;
  readonly session: JsonRow & { readonly key: number };
  readonly events: readonly JsonRow[];
  readonly cancellations: readonly JsonRow[];
  readonly watchedSince: string | null;
}

/** Brings up to `limit` sessions of a removal back under their own keys; null where nothing is kept of it. */
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
  const counts = { restored: 0, merged: 0, lost: 0 };
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

function createRestorer(sqlite: DatabaseSync): (kept: RetainedSession) => 'restored' | 'merged' | 'lost' {
  const connections = new Set(
    prepareCached(sqlite, 'SELECT id FROM connections')
      .all()
      .map(({ id }) => id),
  );
  const find = prepareCached(sqlite, 'SELECT key FROM sessions WHERE connection_id = ? AND product = ? AND id = ?');
  // The newer one's words and readings stand; what it does not have, the earlier one gives it.
  const join = prepareCached(
    sqlite,
    'UPDATE sessions SET note = coalesce(note, ?), first_seen_at = min(first_seen_at, ?) WHERE key = ?',
  );
  const watch = prepareCached(sqlite, 'INSERT INTO watched_sessions (session_key, since) VALUES (?, ?)');
  const put = {
    session: createRowInserter(sqlite, 'sessions'),
    event: createRowInserter(sqlite, 'session_events'),
    cancellation: createRowInserter(sqlite, 'cancellations'),
  };
  const putStory = ({ events, cancellations }: RetainedSession, key: number) => {
    for (const event of events) put.event({ ...event, session_key: key });
    for (const cancellation of cancellations) put.cancellation({ ...cancellation, session_key: key });
  };
  return (kept) => {
    const {
      connection_id: connectionId = null,
      product = null,
      id = null,
      note = null,
      first_seen_at: firstSeenAt = null,
    } = kept.session;
    if (!connections.has(connectionId)) return 'lost';
    const newer = find.get(connectionId, product, id);
    if (newer) {
      const key = Number(newer['key']);
      join.run(note, firstSeenAt, key);
      putStory(kept, key);
      return 'merged';
    }
    put.session(kept.session);
    putStory(kept, kept.key);
    if (kept.watchedSince !== null) watch.run(kept.key, kept.watchedSince);
    return 'restored';
  };
}

/** Names of columns are the table's, never the file's: what is kept of a column that is no more is left out. */
function createRowInserter(sqlite: DatabaseSync, table: string): (row: JsonRow) => void {
  const columns = tableColumns(sqlite, table);
  return (row) => {
    const names = columns.filter((name) => name in row);
    prepareCached(sqlite, `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`).run(
      ...names.map((name) => row[name] ?? null),
    );
  };
}

/** Forgets for good up to `limit` sessions that were removed at an instant or before it; answers how many. */
export function purgeRemoved(
  sqlite: DatabaseSync,
  { removedUntil, limit }: { removedUntil: string; limit: number },
): number {
  const removal = sqlite.prepare('SELECT number FROM removals WHERE at <= ? ORDER BY at LIMIT 1').get(removedUntil);
  if (!removal) return 0;
  const number = Number(removal['number']);
  const { changes } = sqlite
    .prepare(
      `DELETE FROM removed_sessions WHERE key IN (
    SELECT key FROM removed_sessions WHERE removal_number = ? ORDER BY key LIMIT ?)`,
    )
    .run(number, limit);
  decreaseRetained(sqlite, number, Number(changes));
  return Number(changes);
}

function decreaseRetained(sqlite: DatabaseSync, number: number, by: number): void {
  sqlite.prepare('UPDATE removals SET sessions = sessions - ? WHERE number = ?').run(by, number);
  sqlite
    .prepare(
      'DELETE FROM removals WHERE number = ? AND NOT EXISTS (SELECT 1 FROM removed_sessions WHERE removal_number = removals.number)',
    )
    .run(number);
}
