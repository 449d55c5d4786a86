import { sql } from 'kysely';
import type { Session, SessionCounts, SessionFilter, SessionStatus } from '../../../contract/index.ts';
import { finalStatuses } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import type { NewSessionRow } from '../schema.ts';

/** A session as it becomes known; the key is the store's to give. */
export type NewSession = Omit<Session, 'key'>;

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

export function findSession(database: Database, key: number): Promise<Session | undefined> {
  return database.selectFrom('sessions').selectAll().where('key', '=', key).executeTakeFirst();
}

export function findSessionById(database: Database, input: Pick<Session, 'connectionId' | 'product' | 'id'>): Promise<Session | undefined> {
  return database
    .selectFrom('sessions')
    .selectAll()
    .where('connectionId', '=', input.connectionId)
    .where('product', '=', input.product)
    .where('id', '=', input.id)
    .executeTakeFirst();
}

/** Of any product: an event names the session alone, and an id is one provider's. */
export function findSessionOfConnection(database: Database, input: Pick<Session, 'connectionId' | 'id'>): Promise<Session | undefined> {
  return database
    .selectFrom('sessions').selectAll().where('connectionId', '=', input.connectionId).where('id', '=', input.id).limit(1).executeTakeFirst();
}

/** Inserts what is not tracked yet; answers with the new rows alone. */
export async function trackSessions(database: Database, input: { sessions: readonly NewSession[]; operator: string }): Promise<Session[]> {
  const added: Session[] = [];
  for (const session of input.sessions) {
    const row = await database
      .insertInto('sessions')
      .values(session satisfies NewSessionRow)
      .onConflict((conflict) => conflict.columns(['connectionId', 'product', 'id']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) continue;
    added.push(row);
    await database
      .insertInto('sessionEvents')
      .values({
        sessionKey: row.key, at: session.firstSeenAt, kind: 'tracked', operator: input.operator,
        fromStatus: null, toStatus: session.status, rawStatus: session.rawStatus, rawDetail: session.rawDetail,
      })
      .execute();
  }
  return added;
}

/** Writes a reading over what was known. Facts the provider left out keep their value; a new status leaves an event. */
export async function recordReading(
  database: Database, input: { sessionKey: number; reading: SessionReading; at: string; askedAt?: string },
): Promise<Session> {
  const { sessionKey, reading, at, askedAt } = input;
  const before = await database.selectFrom('sessions').selectAll().where('key', '=', sessionKey).executeTakeFirstOrThrow();
  // An answer to a question that was asked before the last one was answered is older than what is known: a cancel came between.
  if (askedAt !== undefined && before.lastCheckedAt !== null && askedAt < before.lastCheckedAt) return before;
  const { status, rawStatus, rawDetail, ...facts } = reading;
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
  const after = await database
    .updateTable('sessions')
    .set({ ...known, status, rawStatus, rawDetail, lastCheckedAt: at })
    .where('key', '=', sessionKey)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (before.status !== status || before.rawStatus !== rawStatus || before.rawDetail !== rawDetail) {
    await database
      .insertInto('sessionEvents')
      .values({ sessionKey, at, kind: 'status', operator: null, fromStatus: before.status, toStatus: status, rawStatus, rawDetail })
      .execute();
  }
  return after;
}

/** Keeps an event in the session's timeline; its state counts unless what is known is final or was read after it. */
export async function recordEvent(
  database: Database, input: { sessionKey: number; reading: SessionReading; when: string | null; at: string },
): Promise<Session> {
  const { sessionKey, reading: { status, rawStatus, rawDetail, ...facts }, when, at } = input;
  const before = await database.selectFrom('sessions').selectAll().where('key', '=', sessionKey).executeTakeFirstOrThrow();
  await database
    .insertInto('sessionEvents')
    .values({ sessionKey, at, kind: 'event', operator: null, fromStatus: before.status, toStatus: status, rawStatus, rawDetail, toldWhen: when })
    .execute();
  const isFinal = finalStatuses.some((final) => final === before.status);
  const isNews = before.lastCheckedAt === null || (when !== null && Date.parse(when) >= Date.parse(before.lastCheckedAt));
  if (isFinal || !isNews) return before;
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
  return await database
    .updateTable('sessions')
    .set({ ...known, status, rawStatus, rawDetail })
    .where('key', '=', sessionKey)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function sessionPage(
  database: Database,
  input: { filter: SessionFilter; after: number | null; skip: number; limit: number },
): Promise<Session[]> {
  if (isIndexed(input.filter.search)) return await searchedPage(database, input);
  return await filtered(database, input.filter)
    .selectAll('sessions')
    .$if(input.after !== null, (query) => query.where('key', '<', input.after))
    .orderBy('key', 'desc')
    .limit(input.limit)
    .offset(input.skip)
    .execute();
}

/** Straight down the search index from the newest match, so that a search which half the list matches is as fast as any. */
function searchedPage(database: Database, { filter, after, skip, limit }: Parameters<typeof sessionPage>[1]): Promise<Session[]> {
  return matched(database, filter.search)
    .selectAll('sessions')
    .$if(filter.status !== null, (query) => query.where('status', '=', filter.status))
    .$if(after !== null, (query) => query.where('sessionsSearch.rowid', '<', after))
    .orderBy('sessionsSearch.rowid', 'desc')
    .limit(limit)
    .offset(skip)
    .execute();
}

/** SQLite keeps the order of a cross join: the index first, a session for each match. */
function matched(database: Database, search: string) {
  return database
    .selectFrom('sessionsSearch')
    .crossJoin('sessions')
    .whereRef('sessions.key', '=', 'sessionsSearch.rowid')
    .where(sql<boolean>`sessions_search MATCH ${phrase(search)}`);
}

/** Keys counted at a stretch: some tens of milliseconds, after which an intent that waits goes first. */
const countedKeys = 50_000;

/** How many sessions among the next keys match a search, by status; `next` is null after the last. */
export async function searchCounts(
  database: Database, { search, after }: { search: string; after: number },
): Promise<{ byStatus: Partial<SessionCounts['byStatus']>; next: number | null }> {
  const upTo = after + countedKeys;
  const query = isIndexed(search)
    ? matched(database, search).where('sessionsSearch.rowid', '>', after).where('sessionsSearch.rowid', '<=', upTo)
    : filtered(database, { search, status: null }).where('sessions.key', '>', after).where('sessions.key', '<=', upTo);
  const groups = await query.select(({ fn }) => ['sessions.status', fn.countAll<number>().as('count')]).groupBy('sessions.status').execute();
  const more = await database.selectFrom('sessions').select('key').where('key', '>', upTo).limit(1).executeTakeFirst();
  return { byStatus: Object.fromEntries(groups.map(({ status, count }) => [status, count])), next: more ? upTo : null };
}

/** A trigram index serves three characters and more; one or two are looked for in every row. */
function isIndexed(search: string): boolean {
  return [...search].length >= 3;
}

function phrase(search: string): string {
  return `"${search.replaceAll('"', '""')}"`;
}

export function filtered(database: Database, { search, status }: SessionFilter) {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  return database
    .selectFrom('sessions')
    .$if(status !== null, (query) => query.where('status', '=', status))
    .$if(search !== '' && !isIndexed(search), (query) =>
      query.where((on) => on.or([sql<boolean>`reference LIKE ${pattern} ESCAPE '\\'`, sql<boolean>`id LIKE ${pattern} ESCAPE '\\'`])),
    )
    .$if(isIndexed(search), (query) =>
      query.where('key', 'in', (on) =>
        on.selectFrom('sessionsSearch').select('rowid').where(sql<boolean>`sessions_search MATCH ${phrase(search)}`),
      ),
    );
}

export function sessionEvents(database: Database, sessionKey: number) {
  return database.selectFrom('sessionEvents').selectAll().where('sessionKey', '=', sessionKey).orderBy('key', 'desc').execute();
}
