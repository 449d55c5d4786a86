/** What an operator chose: counted and gone through in stretches of keys, newest first. */
import { sql, type RawBuilder } from 'kysely';
import type { ChosenSessions, Session } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import { unsureKeys, unsureOf } from './plan-selection.ts';
import { allOf, walkByKey } from './session-filter.ts';
import { byKey, type Stretch } from './range-scan.ts';

/** Sessions by their keys, or all that a filter matches but some; or, for a refresh, what a plan knows too little about, by the plan's number. */
export type Chosen = ChosenSessions | { readonly plan: number };

function walkOf(chosen: ChosenSessions): Pick<ReturnType<typeof walkByKey>, 'from' | 'where'> {
  if (!('filter' in chosen)) return { from: sql`sessions`, where: sql`sessions.key IN ${listed(chosen.sessionKeys)}` };
  const walk = walkByKey(chosen.filter);
  return chosen.except.length === 0
    ? walk
    : { ...walk, where: allOf([walk.where, sql`sessions.key NOT IN ${listed(chosen.except)}`]) };
}

/** Keys that are named are looked up; what a filter matches is looked for. */
function stretchesOf(
  database: Database,
  chosen: ChosenSessions,
  after: number | null,
): AsyncIterable<Stretch> | Stretch[] {
  if ('filter' in chosen) return byKey(database, { descending: true, key: walkByKey(chosen.filter).key, after });
  return [{ bounds: after === null ? [] : [sql`sessions.key < ${after}`], order: sql`sessions.key DESC` }];
}

function listed(keys: readonly number[]): RawBuilder<unknown> {
  return sql`(SELECT value FROM json_each(${JSON.stringify(keys)}))`;
}

/** How many sessions are chosen, by connection, and the newest of them: what is tracked later has a greater key. */
export async function* tallyOf(
  database: Database,
  chosen: Chosen,
): AsyncGenerator<void, { counts: { connectionId: string; sessions: number }[]; newestKey: number }, void> {
  if ('plan' in chosen)
    return { counts: await unsureOf(database, chosen.plan), newestKey: Number.MAX_SAFE_INTEGER - 1 };
  const { from, where } = walkOf(chosen);
  const counts = new Map<string, number>();
  let newestKey = 0;
  for await (const { bounds } of stretchesOf(database, chosen, null)) {
    const { rows } = await sql<{ connectionId: string; sessions: number; newest: number }>`
      SELECT sessions.connection_id AS "connectionId", count(*) AS sessions, max(sessions.key) AS newest
      FROM ${from} WHERE ${allOf([...bounds, where])} GROUP BY 1`.execute(database);
    for (const { connectionId, sessions, newest } of rows) {
      counts.set(connectionId, (counts.get(connectionId) ?? 0) + sessions);
      newestKey = Math.max(newestKey, newest);
    }
    yield;
  }
  return { counts: [...counts].map(([connectionId, sessions]) => ({ connectionId, sessions })), newestKey };
}

/** The next keys of one connection among the chosen, newest first. */
export async function* keysOf(
  database: Database,
  { chosen, connectionId, below, limit }: { chosen: Chosen; connectionId: string; below: number; limit: number },
): AsyncGenerator<void, number[], void> {
  if ('plan' in chosen) return await unsureKeys(database, { planNumber: chosen.plan, connectionId, below, limit });
  const ofConnection = sql<boolean>`sessions.connection_id = ${connectionId}`;
  const rows = yield* rowsOf<{ key: number }>(database, {
    chosen,
    also: [ofConnection],
    columns: sql`sessions.key`,
    below,
    limit,
  });
  return rows.map(({ key }) => key);
}

/** The next of the chosen, newest first. */
export function chosenRows(
  database: Database,
  { chosen, below, limit }: { chosen: ChosenSessions; below: number; limit: number },
): AsyncGenerator<void, Session[], void> {
  return rowsOf<Session>(database, { chosen, also: [], columns: sql`sessions.*`, below, limit });
}

interface Wanted {
  readonly chosen: ChosenSessions;
  readonly also: readonly RawBuilder<boolean>[];
  readonly columns: RawBuilder<unknown>;
  readonly below: number;
  readonly limit: number;
}

async function* rowsOf<Row>(
  database: Database,
  { chosen, also, columns, below, limit }: Wanted,
): AsyncGenerator<void, Row[], void> {
  const { from, where } = walkOf(chosen);
  const found: Row[] = [];
  for await (const { bounds, order } of stretchesOf(database, chosen, below)) {
    const { rows } = await sql<Row>`SELECT ${columns} FROM ${from} WHERE ${allOf([...bounds, where, ...also])}
      ORDER BY ${order} LIMIT ${limit - found.length}`.execute(database);
    found.push(...rows);
    if (found.length === limit) break;
    yield;
  }
  return found;
}
