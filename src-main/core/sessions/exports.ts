import {
  AppError,
  createMessage,
  maskId,
  type ParsedInput,
  type SessionSelection,
  type ExportState,
  type Session,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import { formatCsv, formatJsonLines } from '../file-formats.ts';
import type { ExportRunner } from './export-runner.ts';

/** Number of rows in memory. */
const pageSize = 1_000;

export interface ExportsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly exportRunner: ExportRunner;
}

type RowOptions = Pick<ParsedInput<'exports.start'>, 'format' | 'unmaskedIds'>;

/** Exports of sessions. The audit log records each before its first byte is written. */
export class Exports {
  readonly #dependencies: ExportsDependencies;

  constructor(dependencies: ExportsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Starts an export and returns without waiting for its end. It leaves out sessions that are tracked after its start.
   * Throws export_refused if no session matches or too many exports are running.
   */
  async start({ format, unmaskedIds, ...selection }: ParsedInput<'exports.start'>): Promise<ExportState> {
    const { store, exportRunner } = this.#dependencies;
    exportRunner.assertCapacity();
    const { counts, newestKey } = await store.run('countSelected', selection);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new AppError('export_refused', createMessage('session.exportEmpty'));
    const filter = 'filter' in selection ? JSON.stringify(selection.filter) : null;
    const detail = { kind: 'export' as const, sessions: total, format, unmaskedIds, filter };
    return await exportRunner.start({
      fileNamePrefix: 'sessions',
      format,
      total,
      chunks: (signal) => this.#chunks(selection, newestKey, { format, unmaskedIds }, signal),
      startAuditEntry: { action: 'sessions_exported', outcome: 'begun', detail },
      createEndAuditEntry: (outcome, written) => ({
        action: 'sessions_exported',
        outcome,
        detail: { kind: 'export_end', sessions: written },
      }),
    });
  }

  async *#chunks(
    selection: SessionSelection,
    newestKey: number,
    { format, unmaskedIds }: RowOptions,
    signal: AbortSignal,
  ): AsyncGenerator<{ text: string; rows: number }> {
    if (format === 'csv') yield { text: formatCsv([columns]), rows: 0 };
    for (let belowKey = newestKey + 1; ;) {
      const rows = await this.#dependencies.store.run('selectedRows', { selection, belowKey, limit: pageSize }, signal);
      const exported = rows.map((row) => this.#toExportRow(row, unmaskedIds));
      yield {
        text: format === 'csv' ? formatCsv(exported.map(toCsvValues)) : formatJsonLines(exported.map(toJsonRecord)),
        rows: rows.length,
      };
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) return;
      belowKey = last.key;
    }
  }

  #toExportRow(session: Session, unmaskedIds: boolean): ExportRow {
    const {
      name,
      environment,
      options: { provider },
    } = this.#dependencies.connections.get(session.connectionId);
    return { ...session, id: unmaskedIds ? session.id : maskId(session.id), connection: name, provider, environment };
  }
}

type ExportRow = Session & { readonly connection: string; readonly provider: string; readonly environment: string };

/** The fields that an export contains; it leaves out all others. */
const columns = [
  'id',
  'reference',
  'connection',
  'provider',
  'environment',
  'product',
  'amount',
  'currency',
  'status',
  'rawStatus',
  'rawDetail',
  'source',
  'subAccount',
  'createdAt',
  'expiresAt',
  'firstSeenAt',
  'lastCheckedAt',
  'note',
] as const satisfies readonly (keyof ExportRow)[];

const toCsvValues = (row: ExportRow) => columns.map((column) => row[column]);
const toJsonRecord = (row: ExportRow) => Object.fromEntries(columns.map((column) => [column, row[column]]));
