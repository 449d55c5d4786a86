import type { BatchState, BatchItem, BatchItemFilter } from '../../../contract/index.ts';
import type { Database, BatchCountRow, BatchRow, NewBatchRow } from '../schema.ts';
import { sql, type RawBuilder } from 'kysely';
import { allOf, inCondition, textCondition } from './session-filter.ts';

export function findBatch(database: Database, id: string): Promise<BatchRow | undefined> {
  return database.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first; `before` is the number of the last batch of the previous page. */
export function batchPage(
  database: Database,
  { before, limit }: { before: number | null; limit: number },
): Promise<BatchRow[]> {
  return database
    .selectFrom('batches')
    .selectAll()
    .$if(before !== null, (query) => query.where('number', '<', before))
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
}

/** Uses the index `batches_open`, so the states must be equal to those in the index. */
export function openBatches(database: Database): Promise<BatchRow[]> {
  return database
    .selectFrom('batches')
    .selectAll()
    .where('state', 'in', ['planning', 'planned', 'armed', 'running', 'paused', 'stopping', 'interrupted'])
    .orderBy('number')
    .execute();
}

export function batchCounts(database: Database, numbers: readonly number[]): Promise<BatchCountRow[]> {
  return database
    .selectFrom('batchCounts')
    .selectAll()
    .where('batchNumber', 'in', numbers)
    .where('items', '>', 0)
    .execute();
}

export function insertBatch(database: Database, row: NewBatchRow): Promise<BatchRow> {
  return database.insertInto('batches').values(row).returningAll().executeTakeFirstOrThrow();
}

export type BatchChanges = Partial<Omit<BatchRow, 'number' | 'id' | 'operator' | 'host' | 'createdAt'>>;

/** Changes the batch if its state is one of `from`; otherwise returns undefined and changes nothing. */
export function changeBatch(
  database: Database,
  { id, from, changes }: { id: string; from: readonly BatchState[]; changes: BatchChanges },
): Promise<BatchRow | undefined> {
  return database
    .updateTable('batches')
    .set(changes)
    .where('id', '=', id)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst();
}

/** Items read per range: about 10 ms. */
const itemsPerRange = 20_000;

export interface ItemQuery {
  readonly batchNumber: number;
  readonly filter: BatchItemFilter;
}

/** Returns items in plan order after a position; the first `skip` matches are skipped. */
export async function* itemPage(
  database: Database,
  { batchNumber, filter, after, skip, limit }: ItemQuery & { after: number; skip: number; limit: number },
): AsyncGenerator<void, BatchItem[], void> {
  const where = itemCondition(filter);
  // Positions have no gaps, so without a filter the start position can be calculated.
  const skippedPositions = where === null ? skip : 0;
  const items: BatchItem[] = [];
  let rowsToSkip = skip - skippedPositions;
  for await (const bounds of itemRanges(database, batchNumber, after + skippedPositions)) {
    const inRange = allOf([bounds, ...(where === null ? [] : [where])]);
    if (rowsToSkip > 0) {
      const matchCount = await countWhere(database, inRange);
      if (matchCount <= rowsToSkip) {
        rowsToSkip -= matchCount;
        yield;
        continue;
      }
    }
    const { rows } = await sql<BatchItem>`SELECT ${columns} FROM batch_items WHERE ${inRange}
      ORDER BY position LIMIT ${limit - items.length} OFFSET ${rowsToSkip}`.execute(database);
    rowsToSkip = 0;
    items.push(...rows);
    if (items.length === limit) break;
    yield;
  }
  return items;
}

/** Counts the matches. Without a search it reads the counters that triggers update. */
export async function* countItems(
  database: Database,
  { batchNumber, filter }: ItemQuery,
): AsyncGenerator<void, number, void> {
  const { rows } =
    filter.search === ''
      ? await sql<{ items: number | null }>`SELECT sum(items) AS items FROM batch_counts
      WHERE batch_number = ${batchNumber} AND ${allOf(exactConditions(filter))}`.execute(database)
      : { rows: [] };
  const [countRow] = rows;
  if (countRow) return countRow.items ?? 0;
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
  const lastPosition = sql<{
    last: number | null;
  }>`SELECT max(position) AS last FROM batch_items WHERE batch_number = ${batchNumber}`;
  const { rows } = await lastPosition.execute(database);
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

/** Returns null if every item matches. */
function itemCondition(filter: BatchItemFilter): RawBuilder<boolean> | null {
  const terms = [
    ...exactConditions(filter),
    ...(filter.search === '' ? [] : [textCondition(['reference', 'session_id'], filter.search)]),
  ];
  return terms.length === 0 ? null : allOf(terms);
}

function exactConditions({ eligibility, outcomes, connectionId }: BatchItemFilter): RawBuilder<boolean>[] {
  return [
    ...(eligibility === null ? [] : [sql<boolean>`verdict = ${eligibility}`]),
    ...inCondition('outcome', outcomes),
    ...(connectionId === null ? [] : [sql<boolean>`connection_id = ${connectionId}`]),
  ];
}

const columns = sql.raw(`position, session_key AS "sessionKey", connection_id AS "connectionId", product,
  session_id AS "sessionId", reference, amount, currency, status, verdict AS eligibility, outcome, cause,
  found_status AS "foundStatus", confirmed_by AS "confirmedBy", cancellation_id AS "cancellationId",
  settled_at AS "settledAt"`);
