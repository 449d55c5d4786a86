import type { DatabaseSync } from 'node:sqlite';
import { finalStatuses, session, type Session, type SessionStatus } from '../../../contract/index.ts';
import type { Database, NewSessionRow } from '../schema.ts';
import { diffSessionFields, type SessionFields } from '../merge-session.ts';
import { selectColumns, insertInto, insertIfAbsent, prepareCached, updateOne } from '../prepared-statements.ts';

/** A session to track. The store assigns the key; the note comes from an operator later. */
export type NewSession = Omit<Session, 'key' | 'note'>;

/** The fields that a status check or an event reported; null for each field that was not reported. */
export interface SessionReading {
  readonly status: SessionStatus;
  readonly rawStatus: string | null;
  readonly rawDetail: string | null;
  readonly reference: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
}

const columns = selectColumns(Object.keys(session.shape));

export function findSession(sqlite: DatabaseSync, key: number): Session | undefined {
  return prepareCached(sqlite, `SELECT ${columns} FROM sessions WHERE key = ?`).get(key) as Session | undefined;
}

export function findSessionById(
  database: Database,
  input: Pick<Session, 'connectionId' | 'product' | 'id'>,
): Promise<Session | undefined> {
  return database
    .selectFrom('sessions')
    .selectAll()
    .where('connectionId', '=', input.connectionId)
    .where('product', '=', input.product)
    .where('id', '=', input.id)
    .executeTakeFirst();
}

/** Finds a session of any product: an event contains only the id, which is unique at the provider. */
export function findSessionOfConnection(
  database: Database,
  input: Pick<Session, 'connectionId' | 'id'>,
): Promise<Session | undefined> {
  return database
    .selectFrom('sessions')
    .selectAll()
    .where('connectionId', '=', input.connectionId)
    .where('id', '=', input.id)
    .limit(1)
    .executeTakeFirst();
}

/** Inserts sessions that are not tracked yet and returns only the new rows. */
export function trackSessions(
  sqlite: DatabaseSync,
  input: { sessions: readonly NewSession[]; operator: string },
): Session[] {
  const added: Session[] = [];
  for (const session of input.sessions) {
    const row = insertIfAbsent(sqlite, { table: 'sessions', columns }, session satisfies NewSessionRow) as
      Session | undefined;
    if (!row) continue;
    added.push(row);
    insertInto(sqlite, 'session_events', {
      sessionKey: row.key,
      at: session.firstSeenAt,
      kind: 'tracked',
      operator: input.operator,
      fromStatus: null,
      toStatus: session.status,
      rawStatus: session.rawStatus,
      rawDetail: session.rawDetail,
    });
  }
  return added;
}

/**
 * Updates a session from a status check. Fields that the provider did not report stay. A new status adds a timeline
 * event; changed fields add another.
 */
export function recordReading(
  sqlite: DatabaseSync,
  input: { sessionKey: number; reading: SessionReading; readAt: string; requestedAt?: string },
): Session {
  const { sessionKey, reading, readAt, requestedAt } = input;
  const before = findSession(sqlite, sessionKey);
  if (!before) throw new Error('The session that was checked is no longer tracked.');
  // A check that was requested before the last one completed is older than the known data: a cancellation came between.
  if (requestedAt !== undefined && before.lastCheckedAt !== null && requestedAt < before.lastCheckedAt) return before;
  const { status, rawStatus, rawDetail, ...fields } = reading;
  // Unchanged fields are not written: each write would update the indexes and the search.
  const changedFields = Object.fromEntries(
    Object.entries(fields).filter(([field, value]) => value !== null && value !== before[field as keyof SessionFields]),
  );
  const statusFields = { status, rawStatus, rawDetail };
  const changedStatus = Object.fromEntries(
    Object.entries(statusFields).filter(([field, value]) => value !== before[field as keyof typeof statusFields]),
  );
  const changes = { ...changedFields, ...changedStatus, lastCheckedAt: readAt };
  const after = updateOne(
    sqlite,
    { table: 'sessions', key: 'key', columns },
    sessionKey,
    changes,
  ) as unknown as Session;
  recordFieldChanges(sqlite, before, after, readAt);
  if (Object.keys(changedStatus).length > 0) {
    insertInto(sqlite, 'session_events', {
      sessionKey,
      at: readAt,
      kind: 'status',
      operator: null,
      fromStatus: before.status,
      toStatus: status,
      rawStatus,
      rawDetail,
    });
  }
  return after;
}

/**
 * Call it before the status or event is added, so that the timeline (newest first) shows that entry above the fields.
 */
function recordFieldChanges(
  sqlite: DatabaseSync,
  before: SessionFields & { readonly key: number },
  after: SessionFields,
  at: string,
): void {
  const fieldChanges = diffSessionFields(before, after);
  if (fieldChanges.length === 0) return;
  insertInto(sqlite, 'session_events', {
    ...eventWithoutStatus,
    sessionKey: before.key,
    at,
    kind: 'facts',
    facts: JSON.stringify(fieldChanges),
  });
}

/** Columns of a timeline event without a status. */
const eventWithoutStatus = { operator: null, fromStatus: null, toStatus: null, rawStatus: null, rawDetail: null };

/** Writes the note and adds a timeline event; an equal note changes nothing. */
export async function setNote(
  database: Database,
  { sessionKey, note, at, operator }: { sessionKey: number; note: string | null; at: string; operator: string },
): Promise<{ row: Session; hasChanged: boolean }> {
  const before = await database
    .selectFrom('sessions')
    .selectAll()
    .where('key', '=', sessionKey)
    .executeTakeFirstOrThrow();
  if (before.note === note) return { row: before, hasChanged: false };
  const row = await database
    .updateTable('sessions')
    .set({ note })
    .where('key', '=', sessionKey)
    .returningAll()
    .executeTakeFirstOrThrow();
  await database
    .insertInto('sessionEvents')
    .values({ ...eventWithoutStatus, sessionKey, at, kind: 'note', operator, note })
    .execute();
  return { row, hasChanged: true };
}

/** Adds a webhook event to the timeline; updates the session unless its status is final or was checked later. */
export function recordEvent(
  sqlite: DatabaseSync,
  input: { sessionKey: number; reading: SessionReading; occurredAt: string | null; receivedAt: string },
): Session {
  const {
    sessionKey,
    reading: { status, rawStatus, rawDetail, ...fields },
    occurredAt,
    receivedAt,
  } = input;
  const before = findSession(sqlite, sessionKey);
  if (!before) throw new Error('The session of the event is no longer tracked.');
  const isFinal = finalStatuses.some((final) => final === before.status);
  const isNewer =
    before.lastCheckedAt === null ||
    (occurredAt !== null && Date.parse(occurredAt) >= Date.parse(before.lastCheckedAt));
  // Unchanged fields are not written: each write would update the indexes and the search.
  const changedFields = Object.fromEntries(
    Object.entries(fields).filter(([field, value]) => value !== null && value !== before[field as keyof SessionFields]),
  );
  const changes = { ...changedFields, status, rawStatus, rawDetail };
  const after =
    isFinal || !isNewer
      ? before
      : (updateOne(sqlite, { table: 'sessions', key: 'key', columns }, sessionKey, changes) as unknown as Session);
  recordFieldChanges(sqlite, before, after, receivedAt);
  insertInto(sqlite, 'session_events', {
    sessionKey,
    at: receivedAt,
    kind: 'event',
    operator: null,
    fromStatus: before.status,
    toStatus: status,
    rawStatus,
    rawDetail,
    toldWhen: occurredAt,
  });
  return after;
}

export function sessionEvents(database: Database, sessionKey: number) {
  return database
    .selectFrom('sessionEvents')
    .selectAll()
    .where('sessionKey', '=', sessionKey)
    .orderBy('key', 'desc')
    .execute();
}

export function countSessionsOfConnection(sqlite: DatabaseSync, connectionId: string): number {
  const counted = sqlite
    .prepare('SELECT sum(sessions) AS sessions FROM session_counts WHERE connection_id = ?')
    .get(connectionId);
  return Number(counted?.['sessions'] ?? 0);
}

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
