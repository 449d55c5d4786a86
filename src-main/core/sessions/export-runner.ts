/** Exports of sessions and of batch results: files of rows, streamed to disk in the background. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AppError,
  createMessage,
  getErrorCode,
  isAppError,
  pickMessage,
  type ExportState,
  type Message,
} from '../../contract/index.ts';
import type { AuditEntry, Store } from '../store/index.ts';
import { writeFileAtomically } from '../atomic-write.ts';
import { formatFileTime } from '../file-formats.ts';
import { ensurePrivateFolder } from '../private-folder.ts';
import { readdir, rm } from 'node:fs/promises';

const maxRetainedExports = 20;
const maxRunningExports = 2;

export interface ExportRunnerDependencies {
  readonly store: Store;
  /** Created if it is missing, with access for the current user only. */
  readonly folder: string;
  onStateChanged(state: ExportState): void;
}

export interface ExportJob {
  /** First part of the file name; the time follows. */
  readonly fileNamePrefix: string;
  readonly format: 'csv' | 'jsonl';
  readonly total: number;
  /** The text of the file in chunks, with the number of rows in each. */
  chunks(signal: AbortSignal): AsyncIterable<{ readonly text: string; readonly rows: number }>;
  /** Appended before the first byte is written. */
  readonly startAuditEntry: AuditEntry;
  /** Appended after the export has ended; `written` is the number of rows written. */
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

  /** Throws export_refused if the maximum number of exports is running. */
  assertCapacity(): void {
    if ([...this.#exports.values()].filter(({ state }) => state === 'running').length < maxRunningExports) return;
    throw new AppError('export_refused', createMessage('session.exportLimitReached', { max: maxRunningExports }), {
      retryable: true,
    });
  }

  /** Starts the export and returns without waiting for its end. Throws export_refused if too many are running. */
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

  /** Throws export_refused for an unknown ID. */
  async stop(exportId: string): Promise<ExportState> {
    const running = this.#getExport(exportId);
    running.abortController.abort();
    await running.done;
    return toExportState(running);
  }

  /** Returns when the export has finished, was stopped or has failed. Throws export_refused for an unknown ID. */
  async wait(exportId: string): Promise<ExportState> {
    const running = this.#getExport(exportId);
    await running.done;
    return toExportState(running);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#exports.keys()].map((id) => this.stop(id)));
  }

  /** Never rejects. The file gets its final name when it is complete; a partial file is removed. */
  async #write(running: RunningExport, job: ExportJob): Promise<void> {
    const { store, folder, onStateChanged } = this.#dependencies;
    const { signal } = running.abortController;
    const file = join(
      folder,
      `${job.fileNamePrefix}-${formatFileTime()}-${running.exportId.slice(0, 4)}.${job.format}`,
    );
    try {
      ensurePrivateFolder(folder);
      await writeFileAtomically(file, (path) => {
        const target = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
        return pipeline(Readable.from(this.#trackProgress(running, job)), target, { signal });
      });
      running.file = file;
      running.state = 'finished';
    } catch (error) {
      running.state = signal.aborted ? 'stopped' : 'failed';
      if (running.state === 'failed') running.error = createWriteErrorMessage(error, folder);
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
    if (!running) throw new AppError('export_refused', createMessage('session.exportNotFound'));
    return running;
  }
}

function toExportState({ exportId, state, total, written, file, error }: RunningExport): ExportState {
  return { exportId, state, total, written, file, error };
}

function createWriteErrorMessage(error: unknown, folder: string): Message {
  if (isAppError(error)) return pickMessage(error);
  const code = getErrorCode(error);
  if (code === 'ENOSPC') return createMessage('session.exportDiskFull', { folder });
  return code === null
    ? createMessage('session.exportWriteFailed', { folder })
    : createMessage('session.exportWriteFailedWithCode', { folder, code });
}

/**
 * Removes the partial files of exports that an earlier process did not finish, and adds the missing end record for each
 * of them to the audit log. Call it before this process appends its first audit record.
 */
export async function cleanUpInterruptedExports(store: Store, exportsFolder: string): Promise<void> {
  const names = await readdir(exportsFolder).catch(() => []);
  const partialFiles = names.filter((name) => name.endsWith('.part'));
  for (const name of partialFiles) await rm(join(exportsFolder, name), { force: true }).catch(() => undefined);
  for (const { action, batchId, count } of await store.run('unfinishedExports', null)) {
    for (let remaining = count; remaining > 0; remaining -= 1) {
      await store.run('appendAudit', {
        action,
        batchId,
        outcome: 'stopped',
        detail: { kind: 'export_end', sessions: null },
      });
    }
  }
}
