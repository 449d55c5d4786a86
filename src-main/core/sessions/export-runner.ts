/** Files of rows, written as a stream in the background: of sessions, and of what became of those of a batch. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { DeskError, type ExportState } from '../../contract/index.ts';
import type { AuditEntry, Store } from '../store/index.ts';
import { writeWhole } from '../atomic-write.ts';

const keptExports = 20;
const mostRunning = 2;

export interface ExportFilesParts {
  readonly store: Store;
  /** Made where it is missing, for this user alone. */
  readonly folder: string;
  changed(state: ExportState): void;
}

/** What is written: a piece of text at a time, with the rows in it, as they are read. */
export interface ExportJob {
  /** What the file is called, before the time. */
  readonly name: string;
  readonly format: 'csv' | 'jsonl';
  readonly total: number;
  text(signal: AbortSignal): AsyncIterable<{ readonly text: string; readonly rows: number }>;
  /** What the audit log says: as it begins, before the first byte, and as it ends, with how many rows were written. */
  readonly begun: AuditEntry;
  ended(outcome: 'finished' | 'stopped' | 'failed', written: number): AuditEntry;
}

interface Running extends ExportState {
  state: ExportState['state'];
  written: number;
  file: string | null;
  trouble: string | null;
  readonly stopping: AbortController;
  done: Promise<void>;
}

export class ExportFiles {
  readonly #parts: ExportFilesParts;
  readonly #all = new Map<string, Running>();

  constructor(parts: ExportFilesParts) {
    this.#parts = parts;
  }

  /** Throws export_refused where enough are being written. */
  refuseIfBusy(): void {
    if ([...this.#all.values()].filter(({ state }) => state === 'running').length < mostRunning) return;
    const message = `${mostRunning} exports are being written already. Wait for one to finish, or stop it.`;
    throw new DeskError('export_refused', message, { retryable: true });
  }

  /** Begins and answers at once. */
  async start(job: ExportJob): Promise<ExportState> {
    this.refuseIfBusy();
    await this.#parts.store.run('appendAudit', job.begun);
    const running: Running = {
      exportId: randomUUID(),
      state: 'running',
      total: job.total,
      written: 0,
      file: null,
      trouble: null,
      stopping: new AbortController(),
      done: Promise.resolve(),
    };
    this.#all.set(running.exportId, running);
    for (const { exportId, state } of this.#all.values()) {
      if (this.#all.size > keptExports && state !== 'running') this.#all.delete(exportId);
    }
    running.done = this.#write(running, job);
    return viewOf(running);
  }

  async stop(exportId: string): Promise<ExportState> {
    const running = this.#one(exportId);
    running.stopping.abort();
    await running.done;
    return viewOf(running);
  }

  /** Answers when the file is complete, or will never be. */
  async wait(exportId: string): Promise<ExportState> {
    const running = this.#one(exportId);
    await running.done;
    return viewOf(running);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.keys()].map((id) => this.stop(id)));
  }

  /** Never rejects. The file has its name once it is whole; what was begun and not finished is taken away. */
  async #write(running: Running, job: ExportJob): Promise<void> {
    const { store, folder, changed } = this.#parts;
    const { signal } = running.stopping;
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const file = join(folder, `${job.name}-${stamp}-${running.exportId.slice(0, 4)}.${job.format}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWhole(file, (path) => {
        const target = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
        return pipeline(Readable.from(this.#counted(running, job)), target, { signal });
      });
      running.file = file;
      running.state = 'finished';
    } catch (error) {
      running.state = signal.aborted ? 'stopped' : 'failed';
      if (running.state === 'failed') running.trouble = troubleOf(error, folder);
    }
    await store.run('appendAudit', job.ended(running.state, running.written)).catch(() => undefined);
    changed(viewOf(running));
  }

  async *#counted(running: Running, job: ExportJob): AsyncGenerator<string> {
    for await (const { text, rows } of job.text(running.stopping.signal)) {
      if (text !== '') yield text;
      running.written += rows;
      this.#parts.changed(viewOf(running));
    }
  }

  #one(id: string): Running {
    const running = this.#all.get(id);
    if (!running) throw new DeskError('export_refused', 'This export is not known any more.');
    return running;
  }
}

function viewOf({ exportId, state, total, written, file, trouble }: Running): ExportState {
  return { exportId, state, total, written, file, trouble };
}

type Cell = string | number | null;

/** Of spreadsheets: a text that one would take for a formula gets an apostrophe before it. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return rows.length === 0 ? '' : stringify(rows as Cell[][], { escape_formulas: true, record_delimiter: 'windows' });
}

export function jsonLinesOf(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** As on the screen, and short ones too: enough to tell two apart, too little to open the payer's page with. */
export function masked(id: string): string {
  return id.length <= 14 ? `${id.slice(0, 2)}…` : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

function troubleOf(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC') return `The disk that holds ${folder} is full. Free some space, then export again.`;
  const why = code === '' ? '' : ` (${code})`;
  return `The file could not be written to ${folder}${why}. Check that your user may write there, then export again.`;
}
