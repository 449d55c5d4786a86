import {
  AppError,
  type ParsedInput,
  type SessionSelection,
  type ExportState,
  type Session,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import { formatCsv, formatJsonLines, maskId, type ExportRunner } from './export-runner.ts';

/** Rows in memory at once. */
const pageSize = 1_000;

export interface ExportsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly exportRunner: ExportRunner;
}

type RowOptions = Pick<ParsedInput<'exports.start'>, 'format' | 'unmaskedIds'>;

/** Files of sessions. Each is on record before its first byte. */
export class Exports {
  readonly #dependencies: ExportsDependencies;

  constructor(dependencies: ExportsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Begins and answers at once. Sessions tracked later are not part of it. Throws export_refused where nothing matches. */
  async start({ format, unmaskedIds, ...chosen }: ParsedInput<'exports.start'>): Promise<ExportState> {
    const { store, exportRunner } = this.#dependencies;
    exportRunner.assertCapacity();
    const { counts, newestKey } = await store.run('countSelected', chosen);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new AppError('export_refused', 'No session matches. Nothing was written.');
    const which = 'filter' in chosen ? `filter ${JSON.stringify(chosen.filter)}` : 'a selection';
    const what = `${format}, ${unmaskedIds ? 'whole ids' : 'masked ids'}, ${which}`;
    return await exportRunner.start({
      fileNamePrefix: 'sessions',
      format,
      total,
      chunks: (signal) => this.#chunks(chosen, newestKey, { format, unmaskedIds }, signal),
      startAuditEntry: { action: 'sessions_exported', outcome: 'begun', detail: `${total} sessions, ${what}` },
      createEndAuditEntry: (outcome, written) => ({
        action: 'sessions_exported',
        outcome,
        detail: `${written} sessions`,
      }),
    });
  }

  /** Of any export, a batch's too. */
  stop(exportId: string): Promise<ExportState> {
    return this.#dependencies.exportRunner.stop(exportId);
  }

  wait(exportId: string): Promise<ExportState> {
    return this.#dependencies.exportRunner.wait(exportId);
  }

  async *#chunks(
    chosen: SessionSelection,
    newestKey: number,
    { format, unmaskedIds }: RowOptions,
    signal: AbortSignal,
  ): AsyncGenerator<{ text: string; rows: number }> {
    if (format === 'csv') yield { text: formatCsv([columns]), rows: 0 };
    for (let below = newestKey + 1; ;) {
      const rows = await this.#dependencies.store.run(
        'selectedRows',
        { selection: chosen, belowKey: below, limit: pageSize },
        signal,
      );
      const exported = rows.map((row) => this.#toExportRow(row, unmaskedIds));
      yield {
        text: format === 'csv' ? formatCsv(exported.map(toCsvValues)) : formatJsonLines(exported.map(toJsonRecord)),
        rows: rows.length,
      };
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) return;
      below = last.key;
    }
  }

  #toExportRow(session: Session, wholeIds: boolean): ExportRow {
    const {
      name,
      environment,
      options: { provider },
    } = this.#dependencies.connections.get(session.connectionId);
    return { ...session, id: wholeIds ? session.id : maskId(session.id), connection: name, provider, environment };
  }
}

type ExportRow = Session & { readonly connection: string; readonly provider: string; readonly environment: string };

/** Everything else stays inside. */
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
