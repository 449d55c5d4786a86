/**
 * What became of the sessions of a batch, in a file: a row for each session as it was planned and as it ended, in the order
 * of the plan; and at the end what the batch was, so that the file can be held against the plan, and the head of the audit
 * log, so that it can be held against that.
 *
 * JSON lines: the first says what the file is, the last is `{ batch, rows, auditHead }`.
 * CSV: the last row has `batch` for a position, the batch's id for an id, and `{ batch, rows, auditHead }` as JSON for a reference.
 */
import type { Batch, BatchItem, BatchItemFilter, Connection } from '../../contract/index.ts';
import { formatCsv, formatJsonLines, maskId } from '../sessions/index.ts';
import type { AuditHead } from '../store/index.ts';

export interface ResultsWriter {
  header(number: number, batchId: string, filter: BatchItemFilter): string;
  rows(rows: readonly BatchItem[]): string;
  footer(batch: Batch, rows: number, head: AuditHead): string;
}

/** Everything else stays inside. `status` is the one it was planned with. */
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
  wholeIds: boolean,
  connections: readonly Connection[],
): ResultsWriter {
  const known = new Map(connections.map((connection) => [connection.id, connection]));
  const exported = ({
    sessionId,
    connectionId,
    eligibility,
    ...item
  }: BatchItem): Record<Column, string | number | null> => {
    // A connection can have been removed since, with its sessions.
    const connection = known.get(connectionId);
    return {
      ...item,
      verdict: eligibility,
      id: wholeIds ? sessionId : maskId(sessionId),
      connection: connection?.name ?? connectionId,
      provider: connection?.options.provider ?? null,
      environment: connection?.environment ?? null,
    };
  };
  if (format === 'csv') {
    return {
      header: () => formatCsv([columns]),
      rows: (rows) => formatCsv(rows.map(exported).map((row) => columns.map((column) => row[column]))),
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
          wholeIds,
          filter: toExportedFilter(filter),
        },
      ]),
    rows: (rows) =>
      formatJsonLines(
        rows.map(exported).map((row) => Object.fromEntries(columns.map((column) => [column, row[column]]))),
      ),
    footer: (batch, rows, head) =>
      formatJsonLines([{ batch: toExportedBatch(batch), rows, auditHead: toExportedAuditHead(head) }]),
  };
}

/** As the file and the audit log write it. */
export function toExportedFilter({ eligibility, ...filter }: BatchItemFilter) {
  return { verdict: eligibility, ...filter };
}

/** What was planned, beside what became of it. */
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
