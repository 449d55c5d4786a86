import {
  DeskError,
  type CheckedInput,
  type ChosenSessions,
  type ExportState,
  type Session,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import { csvOf, jsonLinesOf, masked, type ExportFiles } from './export-runner.ts';

/** Rows in memory at once. */
const sliceRows = 1_000;

export interface ExportsParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly files: ExportFiles;
}

type Options = Pick<CheckedInput<'exports.start'>, 'format' | 'wholeIds'>;

/** Files of sessions. Each is on record before its first byte. */
export class Exports {
  readonly #parts: ExportsParts;

  constructor(parts: ExportsParts) {
    this.#parts = parts;
  }

  /** Begins and answers at once. Sessions tracked later are not part of it. Throws export_refused where nothing matches. */
  async start({ format, wholeIds, ...chosen }: CheckedInput<'exports.start'>): Promise<ExportState> {
    const { store, files } = this.#parts;
    files.refuseIfBusy();
    const { counts, newestKey } = await store.run('tallyOf', chosen);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new DeskError('export_refused', 'No session matches. Nothing was written.');
    const which = 'filter' in chosen ? `filter ${JSON.stringify(chosen.filter)}` : 'a selection';
    const what = `${format}, ${wholeIds ? 'whole ids' : 'masked ids'}, ${which}`;
    return await files.start({
      name: 'sessions',
      format,
      total,
      text: (signal) => this.#text(chosen, newestKey, { format, wholeIds }, signal),
      begun: { action: 'sessions_exported', outcome: 'begun', detail: `${total} sessions, ${what}` },
      ended: (outcome, written) => ({ action: 'sessions_exported', outcome, detail: `${written} sessions` }),
    });
  }

  /** Of any export, a batch's too. */
  stop(exportId: string): Promise<ExportState> {
    return this.#parts.files.stop(exportId);
  }

  wait(exportId: string): Promise<ExportState> {
    return this.#parts.files.wait(exportId);
  }

  async *#text(
    chosen: ChosenSessions,
    newestKey: number,
    { format, wholeIds }: Options,
    signal: AbortSignal,
  ): AsyncGenerator<{ text: string; rows: number }> {
    if (format === 'csv') yield { text: csvOf([columns]), rows: 0 };
    for (let below = newestKey + 1; ;) {
      const rows = await this.#parts.store.run('chosenRows', { chosen, below, limit: sliceRows }, signal);
      const exported = rows.map((row) => this.#exported(row, wholeIds));
      yield {
        text: format === 'csv' ? csvOf(exported.map(cellsOf)) : jsonLinesOf(exported.map(lineOf)),
        rows: rows.length,
      };
      const last = rows.at(-1);
      if (!last || rows.length < sliceRows) return;
      below = last.key;
    }
  }

  #exported(session: Session, wholeIds: boolean): Exported {
    const {
      name,
      environment,
      options: { provider },
    } = this.#parts.connections.get(session.connectionId);
    return { ...session, id: wholeIds ? session.id : masked(session.id), connection: name, provider, environment };
  }
}

type Exported = Session & { readonly connection: string; readonly provider: string; readonly environment: string };

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
] as const satisfies readonly (keyof Exported)[];

const cellsOf = (row: Exported) => columns.map((column) => row[column]);
const lineOf = (row: Exported) => Object.fromEntries(columns.map((column) => [column, row[column]]));
