import { sql } from 'kysely';
import type { Session, SessionFilter } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import { filtered } from './sessions.ts';

/** Sessions by their keys, or all that a filter matches. */
export type Chosen = { readonly sessionKeys: readonly number[] } | { readonly filter: SessionFilter };

function chosenFrom(database: Database, chosen: Chosen) {
  if ('filter' in chosen) return filtered(database, chosen.filter);
  return database.selectFrom('sessions').where('sessions.key', 'in', sql<number>`(SELECT value FROM json_each(${JSON.stringify(chosen.sessionKeys)}))`);
}

/** How many sessions are chosen, by connection, and the newest of them: what is tracked later has a greater key. */
export async function tallyOf(database: Database, chosen: Chosen): Promise<{ counts: { connectionId: string; sessions: number }[]; newestKey: number }> {
  const rows = await chosenFrom(database, chosen)
    .select(({ fn }) => ['sessions.connectionId', fn.countAll<number>().as('sessions'), fn.max('sessions.key').as('newest')])
    .groupBy('sessions.connectionId')
    .execute();
  return {
    counts: rows.map(({ connectionId, sessions }) => ({ connectionId, sessions })),
    newestKey: rows.reduce((newest, row) => Math.max(newest, Number(row.newest)), 0),
  };
}

/** The next keys of one connection among the chosen, newest first. */
export async function keysOf(
  database: Database, { chosen, connectionId, below, limit }: { chosen: Chosen; connectionId: string; below: number; limit: number },
): Promise<number[]> {
  const rows = await chosenFrom(database, chosen)
    .select('sessions.key')
    .where('sessions.connectionId', '=', connectionId)
    .where('sessions.key', '<', below)
    .orderBy('sessions.key', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ key }) => key);
}

/** The next of the chosen, newest first. */
export function chosenRows(database: Database, { chosen, below, limit }: { chosen: Chosen; below: number; limit: number }): Promise<Session[]> {
  return chosenFrom(database, chosen).selectAll('sessions').where('sessions.key', '<', below).orderBy('sessions.key', 'desc').limit(limit).execute();
}
