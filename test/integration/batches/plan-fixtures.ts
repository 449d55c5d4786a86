/** Sessions to plan with, and the wait for a plan to be what it will be. */
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
  /** When the status was true; now, if nothing is said. */
  readonly updatedAt?: string;
  readonly createdAt?: string;
}

/** Tracks sessions by a file, without asking their provider. */
export async function importSessions(
  app: App,
  connection: Connection,
  lines: readonly ImportLine[],
  product: Product = 'geft',
): Promise<void> {
  const { importId } = await app.handlers['imports.begin']({
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
  await app.handlers['imports.chunk']({ importId, offset: 0, bytes });
  const { added } = await app.handlers['imports.finish']({ importId });
  if (added !== lines.length) throw new Error(`${added} of ${lines.length} sessions were tracked.`);
}

/** As Flinks spells its ids. */
export function flinksId(number: number): string {
  return `3f2b8c1e-5a4d-4e6f-9b7a-${String(number).padStart(12, '0')}`;
}

/** The batch once it is as wanted. */
export async function waitForBatch(app: App, batchId: string, wanted: (batch: Batch) => boolean): Promise<Batch> {
  return await new Promise((resolve, reject) => {
    const look = (batch: Batch) => {
      if (batch.id !== batchId || !wanted(batch)) return;
      end();
      resolve(batch);
    };
    const end = app.on('batches.changed', ({ rows }) => rows.forEach(look));
    app.handlers['batches.get']({ batchId }).then(look, reject);
  });
}

export const isInState = (state: BatchState) => (batch: Batch) => batch.state === state;

/** A plan, frozen. */
export async function createPlan(app: App, chosen: Parameters<App['handlers']['batches.plan']>[0]): Promise<Batch> {
  const { id } = await app.handlers['batches.plan'](chosen);
  return await waitForBatch(app, id, isInState('planned'));
}

export async function getItems(app: App, batchId: string, page: Partial<CallInput<'batches.items'>> = {}) {
  return await app.handlers['batches.items'](batchInputs.items.parse({ limit: 500, ...page, batchId }));
}

/** What the audit log says of a batch, oldest first, as action, outcome and detail. */
export async function auditRecordsOf(app: App, batchId: string) {
  const { rows } = await app.handlers['audit.page']({ before: null, limit: 500 });
  return rows.filter((row) => row.batchId === batchId).reverse();
}

/** What somebody with the file can do, while the console is open. */
export function executeSql(dataFolder: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(dataFolder, 'work', 'desk.sqlite'), { timeout: 5_000 });
  for (const statement of statements) database.exec(statement);
  database.close();
}
