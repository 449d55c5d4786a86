import type { DatabaseSync } from 'node:sqlite';
import { isFinalStatus, session, type Session } from '../../../contract/index.ts';
import type { Database, NewSessionRow, SessionEventRow } from '../schema.ts';
import type { AuditIdentity } from '../audit-chain/audit-log.ts';
import { diffSessionFields, type SessionFields } from '../merge-session.ts';
import { selectColumns, insertInto, insertIfAbsent, prepareCached, updateOne } from '../prepared-statements.ts';

/** A session to track. The store assigns the key; the note comes from an operator later. */
export type NewSession = Omit<Session, 'key' | 'note'>;

/** The fields that a status check or an event reported; null for each field that was not reported. */
export type SessionReading = Readonly<
  Pick<Session, 'status' | 'rawStatus' | 'rawDetail' | 'reference' | 'amount' | 'currency' | 'createdAt' | 'expiresAt'>
>;

const columns = selectColumns(Object.keys(session.shape));

export function findSession(sqlite: DatabaseSync, key: number): Session | undefined {
  return prepareCached(sqlite, `SELECT ${columns} FROM sessions WHERE key = ?`).get(key) as Session | undefined;
}

/** Without `product`, finds a session of any product: the id is unique at the provider. */
export function findSessionById(
  database: Database,
  { connectionId, product, id }: Pick<Session, 'connectionId' | 'id'> & Partial<Pick<Session, 'product'>>,
): Promise<Session | undefined> {
  return database
    .selectFrom('sessions')
    .selectAll()
    .where('connectionId', '=', connectionId)
    .$if(product !== undefined, (query) => query.where('product', '=', product ?? null))
    .where('id', '=', id)
    .limit(1)
    .executeTakeFirst();
}

/** Inserts sessions that are not tracked yet and returns only the new rows. */
export function trackSessions(
  sqlite: DatabaseSync,
  { operator }: Pick<AuditIdentity, 'operator'>,
  sessions: readonly NewSession[],
): Session[] {
  const added: Session[] = [];
  for (const session of sessions) {
    const row = insertIfAbsent(sqlite, { table: 'sessions', columns }, session satisfies NewSessionRow) as
      Session | undefined;
    if (!row) continue;
    added.push(row);
    const { firstSeenAt: at, status: toStatus, rawStatus, rawDetail } = session;
    insertEvent(sqlite, {
      kind: 'tracked',
      sessionKey: row.key,
      at,
      operator,
      toStatus,
      rawStatus,
      rawDetail,
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
  const changedStatus = pickChanged(before, { status, rawStatus, rawDetail });
  const changes = { ...pickChanged(before, getReported(fields)), ...changedStatus, lastCheckedAt: readAt };
  const after = updateSession(sqlite, sessionKey, changes);
  recordFieldChanges(sqlite, before, after, readAt);
  if (Object.keys(changedStatus).length > 0) {
    const statuses = { fromStatus: before.status, toStatus: status, rawStatus, rawDetail };
    insertEvent(sqlite, { kind: 'status', sessionKey, at: readAt, ...statuses });
  }
  return after;
}

/** Unchanged fields are not written: each write would update the indexes and the search. */
function pickChanged(before: Session, values: Partial<Session>): Partial<Session> {
  return Object.fromEntries(
    Object.entries(values).filter(([field, value]) => value !== before[field as keyof Session]),
  );
}

/** The fields without null, which means that a field was not reported. */
function getReported(fields: Partial<Session>): Partial<Session> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function updateSession(sqlite: DatabaseSync, key: number, changes: Partial<Session>): Session {
  return updateOne(sqlite, { table: 'sessions', key: 'key', columns }, key, changes) as unknown as Session;
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
  insertEvent(sqlite, { kind: 'facts', sessionKey: before.key, at, facts: JSON.stringify(fieldChanges) });
}

/** Columns of a timeline event without a status. */
const eventWithoutStatus = { operator: null, fromStatus: null, toStatus: null, rawStatus: null, rawDetail: null };

function insertEvent(
  sqlite: DatabaseSync,
  event: Pick<SessionEventRow, 'sessionKey' | 'at' | 'kind'> & Partial<SessionEventRow>,
): void {
  insertInto(sqlite, 'session_events', { ...eventWithoutStatus, ...event });
}

/** Writes the note and adds a timeline event; an equal note changes nothing. */
export async function setNote(
  database: Database,
  { operator }: Pick<AuditIdentity, 'operator'>,
  { sessionKey, note, at }: { sessionKey: number; note: string | null; at: string },
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
  const { sessionKey, reading, occurredAt, receivedAt } = input;
  const { status, rawStatus, rawDetail, ...fields } = reading;
  const before = findSession(sqlite, sessionKey);
  if (!before) throw new Error('The session of the event is no longer tracked.');
  const isNewer =
    before.lastCheckedAt === null ||
    (occurredAt !== null && Date.parse(occurredAt) >= Date.parse(before.lastCheckedAt));
  const changes = { ...pickChanged(before, getReported(fields)), status, rawStatus, rawDetail };
  const after = isFinalStatus(before.status) || !isNewer ? before : updateSession(sqlite, sessionKey, changes);
  recordFieldChanges(sqlite, before, after, receivedAt);
  const statuses = { fromStatus: before.status, toStatus: status, rawStatus, rawDetail };
  insertEvent(sqlite, { kind: 'event', sessionKey, at: receivedAt, ...statuses, toldWhen: occurredAt });
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
