/**
 * The file with the results of a batch. It has a row for each session, with its planned and its final values, in the
 * order of the plan. The end of the file describes the batch, for comparison with the plan, and holds the head of the
 * audit log, for comparison with the log.
 *
 * JSON Lines: the first line describes the file, the last line is `{ batch, rows, auditHead }`.
 * CSV: in the last row the position is `batch`, the ID is the ID of the batch, and the reference is
 * `{ batch, rows, auditHead }` as JSON.
 */
import {
  AppError,
  createMessage,
  maskId,
  type Batch,
  type BatchItem,
  type BatchItemFilter,
  type CallOutput,
  type Connection,
  type ExportState,
  type ParsedInput,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import { formatCsv, formatJsonLines } from '../file-formats.ts';
import type { ExportRunner } from '../sessions/index.ts';
import type { AuditHead, Store } from '../store/index.ts';
import type { BatchRepository } from './batch-repository.ts';
import type { BatchViews } from './batch-view.ts';

/** Items that are in memory at the same time. */
const maxItemsPerRead = 1_000;

export interface ResultsDependencies {
  readonly store: Store;
  readonly repository: BatchRepository;
  readonly views: BatchViews;
  readonly connections: Connections;
  readonly exportFiles: ExportRunner;
}

/** Lists and exports the items of a batch. */
export class Results {
  readonly #dependencies: ResultsDependencies;

  constructor(dependencies: ResultsDependencies) {
    this.#dependencies = dependencies;
  }

  /** A page of items in the order of the plan, with the number of items that match the filter. */
  async listItems({ batchId, ...page }: ParsedInput<'batches.listItems'>): Promise<CallOutput<'batches.listItems'>> {
    const { store, repository } = this.#dependencies;
    const { number } = await repository.getRow(batchId);
    const rows = await store.run('batchItemPage', { batchNumber: number, ...page });
    const total = await store.run('countItems', { batchNumber: number, filter: page.filter });
    return { rows, total, next: rows.length === page.limit ? (rows.at(-1)?.position ?? null) : null };
  }

  /**
   * Starts an export in the background and returns its state. A running batch is exported with its present outcomes.
   * Throws export_refused if no item matches.
   */
  async export({ batchId, filter, format, unmaskedIds }: ParsedInput<'batches.export'>): Promise<ExportState> {
    const { store, repository, exportFiles } = this.#dependencies;
    exportFiles.assertCapacity();
    const { number } = await repository.getRow(batchId);
    const total = await store.run('countItems', { batchNumber: number, filter });
    if (total === 0) throw new AppError('export_refused', createMessage('batch.exportEmpty'));
    const exported = { sessions: total, format, unmaskedIds, filter: JSON.stringify(toExportedFilter(filter)) };
    return await exportFiles.start({
      fileNamePrefix: `batch-${number}`,
      format,
      total,
      chunks: (signal) => this.#generateText({ batchId, filter, format, unmaskedIds }, number, signal),
      startAuditEntry: { action: 'batch_exported', batchId, outcome: 'begun', detail: { kind: 'export', ...exported } },
      createEndAuditEntry: (outcome, written) => ({
        action: 'batch_exported',
        batchId,
        outcome,
        detail: { kind: 'export_end', sessions: written },
      }),
    });
  }

  async *#generateText(
    { batchId, filter, format, unmaskedIds }: ParsedInput<'batches.export'>,
    number: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ text: string; rows: number }> {
    const { store, views, connections } = this.#dependencies;
    const writer = createResultsWriter(format, unmaskedIds, connections.list());
    yield { text: writer.header(number, batchId, filter), rows: 0 };
    let written = 0;
    for (let after = 0; ;) {
      const rows = await store.run(
        'batchItemPage',
        { batchNumber: number, filter, after, skip: 0, limit: maxItemsPerRead },
        signal,
      );
      yield { text: writer.rows(rows), rows: rows.length };
      written += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < maxItemsPerRead) break;
      after = last.position;
    }
    yield { text: writer.footer(await views.get(batchId), written, store.auditHead), rows: 0 };
  }
}

interface ResultsWriter {
  header(number: number, batchId: string, filter: BatchItemFilter): string;
  rows(rows: readonly BatchItem[]): string;
  footer(batch: Batch, rows: number, head: AuditHead): string;
}

/** No other value is exported. `status` is the status when the session was planned. */
const columns = [
  'position',
  'id',
  'reference',
  'connection',
  'provider',
  'environment',
  'product',
  'amount',
  'currency',
  'status',
  'verdict',
  'outcome',
  'cause',
  'foundStatus',
  'confirmedBy',
  'cancellationId',
  'settledAt',
] as const;
type Column = (typeof columns)[number];

function createResultsWriter(
  format: 'csv' | 'jsonl',
  unmaskedIds: boolean,
  connections: readonly Connection[],
): ResultsWriter {
  const connectionsById = new Map(connections.map((connection) => [connection.id, connection]));
  const toExportedItem = ({
    sessionId,
    connectionId,
    eligibility,
    ...item
  }: BatchItem): Record<Column, string | number | null> => {
    // The connection may have been removed since, with its sessions.
    const connection = connectionsById.get(connectionId);
    return {
      ...item,
      verdict: eligibility,
      id: unmaskedIds ? sessionId : maskId(sessionId),
      connection: connection?.name ?? connectionId,
      provider: connection?.options.provider ?? null,
      environment: connection?.environment ?? null,
    };
  };
  if (format === 'csv') {
    return {
      header: () => formatCsv([columns]),
      rows: (rows) => formatCsv(rows.map(toExportedItem).map((row) => columns.map((column) => row[column]))),
      footer: (batch, rows, head) => {
        const values: Partial<Record<Column, string>> = {
          position: 'batch',
          id: batch.id,
          reference: JSON.stringify(toSummary(batch, rows, head)),
        };
        return formatCsv([columns.map((column) => values[column] ?? null)]);
      },
    };
  }
  return {
    header: (number, id, filter) =>
      formatJsonLines([
        {
          format: 'session-desk batch export v1',
          number,
          id,
          exportedAt: new Date().toISOString(),
          wholeIds: unmaskedIds,
          filter: toExportedFilter(filter),
        },
      ]),
    rows: (rows) =>
      formatJsonLines(
        rows.map(toExportedItem).map((row) => Object.fromEntries(columns.map((column) => [column, row[column]]))),
      ),
    footer: (batch, rows, head) => formatJsonLines([toSummary(batch, rows, head)]),
  };
}

/** The filter with the names that the file and the audit log use. */
function toExportedFilter({ eligibility, ...filter }: BatchItemFilter) {
  return { verdict: eligibility, ...filter };
}

/** The batch with the names that the file uses. */
function toExportedBatch(batch: Batch) {
  const { number, id, state, origin, operator, reason, createdAt, confirmedAt, startedAt, endedAt, digest } = batch;
  const planned = { sessions: batch.sessions, asked: batch.eligible, verdicts: batch.eligibilityCounts };
  const description = {
    number,
    id,
    state,
    origin,
    operator,
    reason,
    createdAt,
    confirmedAt,
    startedAt,
    endedAt,
    digest,
  };
  return { ...description, planned, outcomes: batch.outcomeCounts };
}

function toSummary(batch: Batch, rows: number, { sequence, mac, keyId, log }: AuditHead) {
  return { batch: toExportedBatch(batch), rows, auditHead: { sequence, mac, keyId, log } };
}
