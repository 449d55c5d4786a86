/** Files of rows, written as a stream in the background: of sessions, and of what became of those of a batch. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { AppError, createMessage, type ExportState } from '../../contract/index.ts';
import type { AuditEntry, Store } from '../store/index.ts';
import { writeFileAtomically } from '../atomic-write.ts';

const maxRetainedExports = 20;
const maxRunningExports = 2;

export interface ExportRunnerDependencies {
  readonly store: Store;
  /** Made where it is missing, for this user alone. */
  readonly folder: string;
  onStateChanged(state: ExportState): void;
}

/** What is written: a piece of text at a time, with the rows in it, as they are read. */
export interface ExportJob {
  /** What the file is called, before the time. */
  readonly fileNamePrefix: string;
  readonly format: 'csv' | 'jsonl';
  readonly total: number;
  chunks(signal: AbortSignal): AsyncIterable<{ readonly text: string; readonly rows: number }>;
  /** What the audit log says: as it begins, before the first byte, and as it ends, with how many rows were written. */
  readonly startAuditEntry: AuditEntry;
  createEndAuditEntry(outcome: 'finished' | 'stopped' | 'failed', written: number): AuditEntry;
}

interface RunningExport extends ExportState {
  state: ExportState['state'];
  written: number;
  file: string | null;
  error: ExportState['error'];
  readonly abortController: AbortController;
  done: Promise<void>;
}

export class ExportRunner {
  readonly #dependencies: ExportRunnerDependencies;
  readonly #exports = new Map<string, RunningExport>();

  constructor(dependencies: ExportRunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws export_refused where enough are being written. */
  assertCapacity(): void {
    if ([...this.#exports.values()].filter(({ state }) => state === 'running').length < maxRunningExports) return;
    const message = `${maxRunningExports} exports are being written already. Wait for one to finish, or stop it.`;
    throw new AppError('export_refused', message, { retryable: true });
  }

  /** Begins and answers at once. */
  async start(job: ExportJob): Promise<ExportState> {
    this.assertCapacity();
    await this.#dependencies.store.run('appendAudit', job.startAuditEntry);
    const running: RunningExport = {
      exportId: randomUUID(),
      state: 'running',
      total: job.total,
      written: 0,
      file: null,
      error: null,
      abortController: new AbortController(),
      done: Promise.resolve(),
    };
    this.#exports.set(running.exportId, running);
    for (const { exportId, state } of this.#exports.values()) {
      if (this.#exports.size > maxRetainedExports && state !== 'running') this.#exports.delete(exportId);
    }
    running.done = this.#write(running, job);
    return toExportState(running);
  }

  async stop(exportId: string): Promise<ExportState> {
    const running = this.#getExport(exportId);
    running.abortController.abort();
    await running.done;
    return toExportState(running);
  }

  /** Answers when the file is complete, or will never be. */
  async wait(exportId: string): Promise<ExportState> {
    const running = this.#getExport(exportId);
    await running.done;
    return toExportState(running);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#exports.keys()].map((id) => this.stop(id)));
  }

  /** Never rejects. The file has its name once it is whole; what was begun and not finished is taken away. */
  async #write(running: RunningExport, job: ExportJob): Promise<void> {
    const { store, folder, onStateChanged } = this.#dependencies;
    const { signal } = running.abortController;
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const file = join(folder, `${job.fileNamePrefix}-${stamp}-${running.exportId.slice(0, 4)}.${job.format}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomically(file, (path) => {
        const target = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
        return pipeline(Readable.from(this.#trackProgress(running, job)), target, { signal });
      });
      running.file = file;
      running.state = 'finished';
    } catch (error) {
      running.state = signal.aborted ? 'stopped' : 'failed';
      if (running.state === 'failed')
        running.error = createMessage('app.verbatim', { text: describeWriteError(error, folder) });
    }
    await store.run('appendAudit', job.createEndAuditEntry(running.state, running.written)).catch(() => undefined);
    onStateChanged(toExportState(running));
  }

  async *#trackProgress(running: RunningExport, job: ExportJob): AsyncGenerator<string> {
    for await (const { text, rows } of job.chunks(running.abortController.signal)) {
      if (text !== '') yield text;
      running.written += rows;
      this.#dependencies.onStateChanged(toExportState(running));
    }
  }

  #getExport(id: string): RunningExport {
    const running = this.#exports.get(id);
    if (!running) throw new AppError('export_refused', 'This export is not known any more.');
    return running;
  }
}

function toExportState({ exportId, state, total, written, file, error }: RunningExport): ExportState {
  return { exportId, state, total, written, file, error };
}

type CsvValue = string | number | null;

/** Of spreadsheets: a text that one would take for a formula gets an apostrophe before it. */
export function formatCsv(rows: readonly (readonly CsvValue[])[]): string {
  return rows.length === 0
    ? ''
    : stringify(rows as CsvValue[][], { escape_formulas: true, record_delimiter: 'windows' });
}

export function formatJsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** As on the screen, and short ones too: enough to tell two apart, too little to open the payer's page with. */
export function maskId(id: string): string {
  return id.length <= 14 ? `${id.slice(0, 2)}…` : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

function describeWriteError(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC') return `The disk that holds ${folder} is full. Free some space, then export again.`;
  const why = code === '' ? '' : ` (${code})`;
  return `The file could not be written to ${folder}${why}. Check that your user may write there, then export again.`;
}
