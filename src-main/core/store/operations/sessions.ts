import type { DatabaseSync } from 'node:sqlite';
import { finalStatuses, session, type Session, type SessionStatus } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import { diffSessionFields, type SessionFields } from '../session-diff.ts';
import type { NewSessionRow } from '../schema.ts';
import { selectColumns, insertInto, insertIfAbsent, prepareCached, updateOne } from '../prepared-statements.ts';

/** A session as it becomes known; the key is the store's to give, the note an operator's. */
export type NewSession = Omit<Session, 'key' | 'note'>;

/** What a reading at the provider tells of a session; null where it told nothing. */
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

/** Of any product: an event names the session alone, and an id is one provider's. */
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

/** Inserts what is not tracked yet; answers with the new rows alone. */
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

/** Writes a reading over what was known. Facts the provider left out keep theirs; a new status leaves an event, other facts another. */
export function recordReading(
  sqlite: DatabaseSync,
  input: { sessionKey: number; reading: SessionReading; readAt: string; requestedAt?: string },
): Session {
  const { sessionKey, reading, readAt, requestedAt } = input;
  const before = findSession(sqlite, sessionKey);
  if (!before) throw new Error('The session that was read is not tracked any more.');
  // An answer to a question that was asked before the last one was answered is older than what is known: a cancel came between.
  if (requestedAt !== undefined && before.lastCheckedAt !== null && requestedAt < before.lastCheckedAt) return before;
  const { status, rawStatus, rawDetail, ...facts } = reading;
  // What stays as it was is not written: each column has its index, and the search is told of a reference.
  const known = Object.fromEntries(
    Object.entries(facts).filter(([fact, value]) => value !== null && value !== before[fact as keyof SessionFields]),
  );
  const read = { status, rawStatus, rawDetail };
  const news = Object.fromEntries(
    Object.entries(read).filter(([field, value]) => value !== before[field as keyof typeof read]),
  );
  const changes = { ...known, ...news, lastCheckedAt: readAt };
  const after =
    (updateOne(sqlite, { table: 'sessions', key: 'key', columns }, sessionKey, changes) as Session | undefined) ??
    before;
  recordFieldChanges(sqlite, before, after, readAt);
  if (Object.keys(news).length > 0) {
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

/** Before the status or the event they came with, so that the timeline, newest first, names that one above them. */
function recordFieldChanges(
  sqlite: DatabaseSync,
  before: SessionFields & { readonly key: number },
  after: SessionFields,
  at: string,
): void {
  const facts = diffSessionFields(before, after);
  if (facts.length === 0) return;
  insertInto(sqlite, 'session_events', {
    ...eventWithoutStatus,
    sessionKey: before.key,
    at,
    kind: 'facts',
    facts: JSON.stringify(facts),
  });
}

/** Of events that tell of no status. */
const eventWithoutStatus = { operator: null, fromStatus: null, toStatus: null, rawStatus: null, rawDetail: null };

/** Writes the operator's own words, and what they became into the timeline; the same words again change nothing. */
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

/** Keeps an event in the session's timeline; its state counts unless what is known is final or was read after it. */
export function recordEvent(
  sqlite: DatabaseSync,
  input: { sessionKey: number; reading: SessionReading; occurredAt: string | null; receivedAt: string },
): Session {
  const {
    sessionKey,
    reading: { status, rawStatus, rawDetail, ...facts },
    occurredAt,
    receivedAt,
  } = input;
  const before = findSession(sqlite, sessionKey);
  if (!before) throw new Error('The session that the event tells of is not tracked any more.');
  const isFinal = finalStatuses.some((final) => final === before.status);
  const isNews =
    before.lastCheckedAt === null ||
    (occurredAt !== null && Date.parse(occurredAt) >= Date.parse(before.lastCheckedAt));
  // What stays as it was is not written: each column has its index, and the search is told of a reference.
  const known = Object.fromEntries(
    Object.entries(facts).filter(([fact, value]) => value !== null && value !== before[fact as keyof SessionFields]),
  );
  const changed =
    isFinal || !isNews
      ? undefined
      : updateOne(sqlite, { table: 'sessions', key: 'key', columns }, sessionKey, {
          ...known,
          status,
          rawStatus,
          rawDetail,
        });
  const after = (changed as Session | undefined) ?? before;
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
