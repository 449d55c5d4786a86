/** Fixtures for tests of plans: imported sessions, created plans and direct access to the database. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  batchInputs,
  importParseOptions,
  type Batch,
  type BatchState,
  type CallInput,
  type Connection,
  type Product,
} from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';

export interface ImportLine {
  readonly id: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly status?: string;
  /** The time of the status; now if absent. */
  readonly updatedAt?: string;
  readonly createdAt?: string;
}

/** Imports sessions from a file, without a request to their provider. */
export async function importSessions(
  app: App,
  connection: Connection,
  lines: readonly ImportLine[],
  product: Product = 'geft',
): Promise<void> {
  const { importId } = await app.handlers['imports.start']({
    connectionId: connection.id,
    product,
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'stop',
    parseOptions: importParseOptions.parse({ acceptSuggestedIds: true }),
  });
  const now = new Date().toISOString();
  const text = lines
    .map(
      ({ id, amount = '65.10', currency = 'CAD', status = 'Initiated', updatedAt = now, createdAt = now }) =>
        `${id},Order-${id.slice(-6)},${amount},${currency},${status},${updatedAt},${createdAt}`,
    )
    .join('\n');
  const bytes = Buffer.from(`id,reference,amount,currency,status,updatedAt,createdAt\n${text}`).toString('base64');
  await app.handlers['imports.addChunk']({ importId, offset: 0, bytes });
  const { added } = await app.handlers['imports.finish']({ importId });
  if (added !== lines.length) throw new Error(`${added} of ${lines.length} sessions were tracked.`);
}

/** Adds active sessions of Flinks to the database file. An import of thousands of sessions takes longer. */
export function insertSessions(dataFolder: string, connection: Connection, count: number): void {
  executeSql(
    dataFolder,
    `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${count})
    INSERT INTO sessions (connection_id, product, id, status, source, first_seen_at)
    SELECT '${connection.id}', 'geft', 'bulk-' || number, 'active', 'imported', '2026-11-20T00:00:00.000Z'
    FROM numbers`,
  );
}

/** A session ID in the format of Flinks. */
export function flinksId(number: number): string {
  return `3f2b8c1e-5a4d-4e6f-9b7a-${String(number).padStart(12, '0')}`;
}

/** Resolves with the batch when it meets the condition. */
export async function waitForBatch(app: App, batchId: string, condition: (batch: Batch) => boolean): Promise<Batch> {
  return await new Promise((resolve, reject) => {
    const check = (batch: Batch) => {
      if (batch.id !== batchId || !condition(batch)) return;
      removeListener();
      resolve(batch);
    };
    const removeListener = app.on('batches.changed', ({ rows }) => rows.forEach(check));
    app.handlers['batches.get']({ batchId }).then(check, reject);
  });
}

export const isInState = (state: BatchState) => (batch: Batch) => batch.state === state;

/** Creates a plan and waits until it is complete. */
export async function createPlan(app: App, selection: Parameters<App['handlers']['batches.plan']>[0]): Promise<Batch> {
  const { id } = await app.handlers['batches.plan'](selection);
  return await waitForBatch(app, id, isInState('planned'));
}

export async function getItems(app: App, batchId: string, page: Partial<CallInput<'batches.listItems'>> = {}) {
  return await app.handlers['batches.listItems'](batchInputs.listItems.parse({ limit: 500, ...page, batchId }));
}

/** The audit records of a batch, oldest first. */
export async function auditRecordsOf(app: App, batchId: string) {
  const { rows } = await app.handlers['audit.list']({ before: null, limit: 500 });
  return rows.filter((row) => row.batchId === batchId).reverse();
}

/** Changes the database file directly while the app is open, as somebody with access to the file could. */
export function executeSql(dataFolder: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'), { timeout: 5_000 });
  for (const statement of statements) database.exec(statement);
  database.close();
}
