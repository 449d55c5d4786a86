/** Translates a session filter into SQL, for lists, counts, refreshes, exports and plans. */
import { sql, type RawBuilder } from 'kysely';
import type { SessionFilter, SessionSort } from '../../../contract/index.ts';

/** Sort expressions. They must be equal to those in the indexes, otherwise SQLite does not use the index. */
export const sortKeys = {
  created: { expression: 'coalesce(sessions.created_at, sessions.first_seen_at)', index: 'sessions_by_created' },
  expires: { expression: `coalesce(sessions.expires_at, '9999')`, index: 'sessions_by_expires' },
  checked: { expression: `coalesce(sessions.last_checked_at, '')`, index: 'sessions_by_checked' },
  amount: {
    expression: `coalesce(sessions.currency, '') || printf(' %032.8f', coalesce(sessions.amount, -1))`,
    index: 'sessions_by_amount',
  },
  reference: {
    expression: `coalesce(sessions.reference, '\u{10ffff}') COLLATE NOCASE`,
    index: 'sessions_by_reference',
  },
  status: {
    expression: `CASE sessions.status WHEN 'active' THEN 1 WHEN 'unknown' THEN 2 WHEN 'in_progress' THEN 3
      WHEN 'completed_unfinished' THEN 4 WHEN 'completed' THEN 5 WHEN 'failed' THEN 6 WHEN 'cancelled' THEN 7
      ELSE 8 END`,
    index: 'sessions_by_rank',
  },
} as const satisfies Record<Exclude<SessionSort['by'], 'tracked'>, { expression: string; index: string }>;

const createdSql = sql.raw<string>(sortKeys.created.expression);
const checkedSql = sql.raw<string>(sortKeys.checked.expression);
const amountSql = sql.raw<string>(`(${sortKeys.amount.expression})`);

/** A trigram index needs at least three characters; a shorter search reads every row. */
export function canUseSearchIndex(search: string): boolean {
  return [...search].length >= 3;
}

export function ftsPhrase(search: string): string {
  return `"${search.replaceAll('"', '""')}"`;
}

/** Returns the table to scan by key for the matches of a filter: the search index if it can be used, else sessions. */
export function planKeyScan(filter: SessionFilter): {
  from: RawBuilder<unknown>;
  key: RawBuilder<unknown>;
  where: RawBuilder<boolean>;
} {
  if (!canUseSearchIndex(filter.search))
    return { from: sql`sessions`, key: sql`sessions.key`, where: filterCondition(filter, 'text') };
  // SQLite does not reorder a cross join: it reads the search index first, then a session for each match.
  return {
    from: sql`sessions_search CROSS JOIN sessions`,
    key: sql`sessions_search.rowid`,
    where: allOf([
      sql`sessions_search MATCH ${ftsPhrase(filter.search)}`,
      sql`sessions.key = sessions_search.rowid`,
      filterCondition(filter, 'none'),
    ]),
  };
}

/** `none`: the caller adds the condition for the search. */
export function filterCondition(filter: SessionFilter, search: 'text' | 'none'): RawBuilder<boolean> {
  return allOf([
    ...(search === 'none' || filter.search === ''
      ? []
      : [textCondition(['sessions.reference', 'sessions.id', 'sessions.note'], filter.search)]),
    ...inCondition('sessions.status', filter.statuses),
    ...inCondition('sessions.product', filter.products),
    ...inCondition('sessions.source', filter.sources),
    ...inCondition('sessions.connection_id', filter.connectionIds),
    ...connectionConditions(filter),
    ...rangeConditions(filter),
  ]);
}

function rangeConditions({
  createdFrom,
  createdBefore,
  amount: range,
  checkedBefore,
  neverChecked,
}: SessionFilter): RawBuilder<boolean>[] {
  return [
    ...(createdFrom === null ? [] : [sql<boolean>`${createdSql} >= ${toIsoInstant(createdFrom)}`]),
    ...(createdBefore === null ? [] : [sql<boolean>`${createdSql} < ${toIsoInstant(createdBefore)}`]),
    ...(checkedBefore === null ? [] : [sql<boolean>`${checkedSql} < ${toIsoInstant(checkedBefore)}`]),
    ...(neverChecked ? [sql<boolean>`${checkedSql} = ''`] : []),
    ...(range === null ? [] : amountConditions(range)),
  ];
}

/** Compares the text in the index: currency, space, digits of fixed width. A missing amount sorts first as ' -'. */
function amountConditions({ currency, from, to }: NonNullable<SessionFilter['amount']>): RawBuilder<boolean>[] {
  const lowest =
    from === null && to === null
      ? sql`${`${currency} `}`
      : sql`${currency} || ${from === null ? ' 0' : sql`printf(' %032.8f', ${from})`}`;
  return [
    sql<boolean>`${amountSql} >= ${lowest}`,
    sql<boolean>`${amountSql} <= ${currency} || ${to === null ? ' ~' : sql`printf(' %032.8f', ${to})`}`,
  ];
}

/** The values as a subquery, so that the SQL text does not depend on their number and stays in the statement cache. */
export function valueList(values: readonly (string | number)[]): RawBuilder<unknown> {
  return sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

/** No condition if there are no values. `column` is SQL from code. */
export function inCondition(column: string, values: readonly string[]): RawBuilder<boolean>[] {
  if (values.length === 0) return [];
  const name = sql.raw(column);
  return [values.length === 1 ? sql<boolean>`${name} = ${values[0]}` : sql<boolean>`${name} IN ${valueList(values)}`];
}

function connectionConditions({ providers, environments }: SessionFilter): RawBuilder<boolean>[] {
  const conditions = [...inCondition('provider', providers), ...inCondition('environment', environments)];
  if (conditions.length === 0) return [];
  return [sql<boolean>`sessions.connection_id IN (SELECT id FROM connections WHERE ${allOf(conditions)})`];
}

/** Whether one of the columns contains the text; ignores the case of ASCII letters. `columns` are SQL from code. */
export function textCondition(columns: readonly string[], search: string): RawBuilder<boolean> {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const terms = columns.map((column) => sql`${sql.raw(column)} LIKE ${pattern} ESCAPE '\\'`);
  return sql`(${sql.join(terms, sql` OR `)})`;
}

export function allOf(terms: readonly RawBuilder<boolean>[]): RawBuilder<boolean> {
  return terms.length === 0 ? sql`TRUE` : sql`${sql.join(terms, sql` AND `)}`;
}

/** Stored instants have milliseconds and are compared as text. */
function toIsoInstant(instant: string): string {
  return new Date(instant).toISOString();
}
