import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { DeskError, type CheckedInput, type ExportState, type Session } from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import type { Chosen } from './refreshes.ts';

/** Rows in memory at once. */
const sliceRows = 1_000;
const keptExports = 20;
const mostRunning = 2;

export interface ExportsParts {
  readonly store: Store;
  readonly connections: Connections;
  /** Made where it is missing, for this user alone. */
  readonly folder: string;
  changed(state: ExportState): void;
}

type Options = Pick<CheckedInput<'exports.start'>, 'format' | 'wholeIds'>;

interface Running {
  readonly id: string;
  readonly stopping: AbortController;
  readonly total: number;
  state: ExportState['state'];
  written: number;
  file: string | null;
  trouble: string | null;
  done: Promise<void>;
}

/** Files of sessions, written as a stream in the background. Each is on record before its first byte. */
export class Exports {
  readonly #parts: ExportsParts;
  readonly #all = new Map<string, Running>();

  constructor(parts: ExportsParts) {
    this.#parts = parts;
  }

  /** Begins and answers at once. Sessions tracked later are not part of it. Throws export_refused where nothing matches. */
  async start({ format, wholeIds, ...chosen }: CheckedInput<'exports.start'>): Promise<ExportState> {
    if ([...this.#all.values()].filter(({ state }) => state === 'running').length >= mostRunning) {
      throw new DeskError('export_refused', `${mostRunning} exports are being written already. Wait for one to finish, or stop it.`, { retryable: true });
    }
    const { store } = this.#parts;
    const { counts, newestKey } = await store.run('tallyOf', chosen);
    const total = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    if (total === 0) throw new DeskError('export_refused', 'No session matches. Nothing was written.');
    const running: Running = { id: randomUUID(), stopping: new AbortController(), total, state: 'running', written: 0, file: null, trouble: null, done: Promise.resolve() };
    const what = `${format}, ${wholeIds ? 'whole ids' : 'masked ids'}, ${'filter' in chosen ? `filter ${JSON.stringify(chosen.filter)}` : 'a selection'}`;
    await store.run('appendAudit', { action: 'sessions_exported', outcome: 'begun', detail: `${total} sessions, ${what}` });
    this.#all.set(running.id, running);
    for (const { id, state } of this.#all.values()) if (this.#all.size > keptExports && state !== 'running') this.#all.delete(id);
    running.done = this.#write(running, chosen, newestKey, { format, wholeIds });
    return this.#view(running);
  }

  async stop(exportId: string): Promise<ExportState> {
    const running = this.#one(exportId);
    running.stopping.abort();
    await running.done;
    return this.#view(running);
  }

  /** Answers when the file is complete, or will never be. */
  async wait(exportId: string): Promise<ExportState> {
    const running = this.#one(exportId);
    await running.done;
    return this.#view(running);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.keys()].map((id) => this.stop(id)));
  }

  /** Never rejects. The file has its name once it is whole; what was begun and not finished is taken away. */
  async #write(running: Running, chosen: Chosen, newestKey: number, options: Options): Promise<void> {
    const { store, folder } = this.#parts;
    const file = join(folder, `sessions-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${running.id.slice(0, 4)}.${options.format}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await pipeline(Readable.from(this.#text(running, chosen, newestKey, options)), createWriteStream(`${file}.part`, { flags: 'wx', mode: 0o600, flush: true }), { signal: running.stopping.signal });
      await rename(`${file}.part`, file);
      running.file = file;
      running.state = 'finished';
    } catch (error) {
      await rm(`${file}.part`, { force: true }).catch(() => undefined);
      running.state = running.stopping.signal.aborted ? 'stopped' : 'failed';
      if (running.state === 'failed') running.trouble = troubleOf(error, folder);
    }
    await store.run('appendAudit', { action: 'sessions_exported', outcome: running.state, detail: `${running.written} sessions` }).catch(() => undefined);
    this.#parts.changed(this.#view(running));
  }

  async *#text(running: Running, chosen: Chosen, newestKey: number, options: Options): AsyncGenerator<string> {
    const write = options.format === 'csv' ? csvOf : linesOf;
    if (options.format === 'csv') yield stringify([[...columns]], csvStyle);
    for (let below = newestKey + 1; ;) {
      const rows = await this.#parts.store.run('chosenRows', { chosen, below, limit: sliceRows });
      if (rows.length > 0) yield write(rows.map((row) => this.#exported(row, options.wholeIds)));
      running.written += rows.length;
      this.#parts.changed(this.#view(running));
      const last = rows.at(-1);
      if (!last || rows.length < sliceRows) return;
      below = last.key;
    }
  }

  #exported(session: Session, wholeIds: boolean): Exported {
    const { name, environment, options: { provider } } = this.#parts.connections.get(session.connectionId);
    return { ...session, id: wholeIds ? session.id : masked(session.id), connection: name, provider, environment };
  }

  #one(id: string): Running {
    const running = this.#all.get(id);
    if (!running) throw new DeskError('export_refused', 'This export is not known any more.');
    return running;
  }

  #view({ id, state, total, written, file, trouble }: Running): ExportState {
    return { exportId: id, state, total, written, file, trouble };
  }
}

type Exported = Session & { readonly connection: string; readonly provider: string; readonly environment: string };

/** Everything else stays inside. */
const columns = [
  'id', 'reference', 'connection', 'provider', 'environment', 'product', 'amount', 'currency', 'status', 'rawStatus', 'rawDetail',
  'source', 'subAccount', 'createdAt', 'expiresAt', 'firstSeenAt', 'lastCheckedAt',
] as const satisfies readonly (keyof Exported)[];

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
const csvStyle = { escape_formulas: true, record_delimiter: 'windows' } as const;

function csvOf(rows: readonly Exported[]): string {
  return stringify(rows.map((row) => columns.map((column) => row[column])), csvStyle);
}

function linesOf(rows: readonly Exported[]): string {
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column]])))}\n`).join('');
}

/** As on the screen, and short ones too: enough to tell two apart, too little to open the payer's page with. */
function masked(id: string): string {
  return id.length <= 14 ? `${id.slice(0, 2)}…` : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

function troubleOf(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC') return `The disk that holds ${folder} is full. Free some space, then export again.`;
  return `The file could not be written to ${folder}${code === '' ? '' : ` (${code})`}. Check that your user may write there, then export again.`;
}
