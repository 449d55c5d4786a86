/** What became of the sessions of a batch, page by page: in stretches of positions, so that no intent waits behind a search. */
import { sql, type RawBuilder } from 'kysely';
import type { BatchItem, BatchItemFilter } from '../../../contract/index.ts';
import type { Database } from '../kysely.ts';
import { allOf } from './session-filter.ts';

/** Items looked at in one stretch: some ten milliseconds. */
const itemsPerRange = 20_000;

interface ItemQuery {
  readonly batchNumber: number;
  readonly filter: BatchItemFilter;
}

/** In the order of the plan, after a position, `skip` of the matching passed over. */
export async function* itemPage(
  database: Database,
  { batchNumber, filter, after, skip, limit }: ItemQuery & { after: number; skip: number; limit: number },
): AsyncGenerator<void, BatchItem[], void> {
  const where = itemCondition(filter);
  // Positions have no gaps: without a filter what is passed over is known.
  const passed = where === null ? skip : 0;
  const found: BatchItem[] = [];
  let left = skip - passed;
  for await (const bounds of itemRanges(database, batchNumber, after + passed)) {
    const inStretch = allOf([bounds, ...(where === null ? [] : [where])]);
    if (left > 0) {
      const here = await countWhere(database, inStretch);
      if (here <= left) {
        left -= here;
        yield;
        continue;
      }
    }
    const { rows } = await sql<BatchItem>`SELECT ${columns} FROM batch_items WHERE ${inStretch}
      ORDER BY position LIMIT ${limit - found.length} OFFSET ${left}`.execute(database);
    left = 0;
    found.push(...rows);
    if (found.length === limit) break;
    yield;
  }
  return found;
}

/** How many match: from the counters that triggers keep, but for a search. */
export async function* countItems(
  database: Database,
  { batchNumber, filter }: ItemQuery,
): AsyncGenerator<void, number, void> {
  const { rows } =
    filter.search === ''
      ? await sql<{ items: number | null }>`SELECT sum(items) AS items FROM batch_counts
      WHERE batch_number = ${batchNumber} AND ${allOf(exactConditions(filter))}`.execute(database)
      : { rows: [] };
  const [counted] = rows;
  if (counted) return counted.items ?? 0;
  let total = 0;
  for await (const bounds of itemRanges(database, batchNumber, 0)) {
    total += await countWhere(database, allOf([bounds, itemCondition(filter) ?? sql`TRUE`]));
    yield;
  }
  return total;
}

async function* itemRanges(
  database: Database,
  batchNumber: number,
  after: number,
): AsyncGenerator<RawBuilder<boolean>, void, void> {
  const newest = sql<{
    last: number | null;
  }>`SELECT max(position) AS last FROM batch_items WHERE batch_number = ${batchNumber}`;
  const { rows } = await newest.execute(database);
  const last = rows[0]?.last ?? 0;
  for (let from = after; from < last; from += itemsPerRange) {
    yield sql<boolean>`batch_number = ${batchNumber} AND position > ${from} AND position <= ${from + itemsPerRange}`;
  }
}

async function countWhere(database: Database, where: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ found: number }>`SELECT count(*) AS found FROM batch_items WHERE ${where}`.execute(
    database,
  );
  return rows[0]?.found ?? 0;
}

/** null: all of them. */
function itemCondition(filter: BatchItemFilter): RawBuilder<boolean> | null {
  const terms = [...exactConditions(filter), ...(filter.search === '' ? [] : [searchCondition(filter.search)])];
  return terms.length === 0 ? null : allOf(terms);
}

function exactConditions({ eligibility, outcomes, connectionId }: BatchItemFilter): RawBuilder<boolean>[] {
  return [
    ...(eligibility === null ? [] : [sql<boolean>`verdict = ${eligibility}`]),
    ...(outcomes.length === 0
      ? []
      : [sql<boolean>`outcome IN (SELECT value FROM json_each(${JSON.stringify(outcomes)}))`]),
    ...(connectionId === null ? [] : [sql<boolean>`connection_id = ${connectionId}`]),
  ];
}

function searchCondition(search: string): RawBuilder<boolean> {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`(reference LIKE ${pattern} ESCAPE '\\' OR session_id LIKE ${pattern} ESCAPE '\\')`;
}

const columns = sql.raw(`position, session_key AS "sessionKey", connection_id AS "connectionId", product,
  session_id AS "sessionId", reference, amount, currency, status, verdict AS eligibility, outcome, cause, found_status AS "foundStatus", confirmed_by AS "confirmedBy",
  cancellation_id AS "cancellationId", settled_at AS "settledAt"`);
