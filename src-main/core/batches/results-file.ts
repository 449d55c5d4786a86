/**
 * The file with the results of a batch. It has a row for each session, with its planned and its final values, in the
 * order of the plan. The end of the file describes the batch, for comparison with the plan, and holds the head of the
 * audit log, for comparison with the log.
 *
 * JSON Lines: the first line describes the file, the last line is `{ batch, rows, auditHead }`.
 * CSV: in the last row the position is `batch`, the ID is the ID of the batch, and the reference is
 * `{ batch, rows, auditHead }` as JSON.
 */
import { maskId, type Batch, type BatchItem, type BatchItemFilter, type Connection } from '../../contract/index.ts';
import { formatCsv, formatJsonLines } from '../file-formats.ts';
import type { AuditHead } from '../store/index.ts';

export interface ResultsWriter {
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

export function createResultsWriter(
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
      footer: (batch, rows, head) =>
        formatCsv([
          columns.map((column) => {
            if (column === 'position') return 'batch';
            if (column === 'id') return batch.id;
            return column === 'reference'
              ? JSON.stringify({ batch: toExportedBatch(batch), rows, auditHead: toExportedAuditHead(head) })
              : null;
          }),
        ]),
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
    footer: (batch, rows, head) =>
      formatJsonLines([{ batch: toExportedBatch(batch), rows, auditHead: toExportedAuditHead(head) }]),
  };
}

/** The filter with the names that the file and the audit log use. */
export function toExportedFilter({ eligibility, ...filter }: BatchItemFilter) {
  return { verdict: eligibility, ...filter };
}

/** The batch with the names that the file uses. */
function toExportedBatch({
  number,
  id,
  state,
  origin,
  operator,
  createdAt,
  confirmedAt,
  startedAt,
  endedAt,
  reason,
  digest,
  sessions,
  eligible,
  eligibilityCounts,
  outcomeCounts,
}: Batch) {
  return {
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
    planned: { sessions, asked: eligible, verdicts: eligibilityCounts },
    outcomes: outcomeCounts,
  };
}

function toExportedAuditHead({ sequence, mac, keyId, log }: AuditHead) {
  return { sequence, mac, keyId, log };
}
