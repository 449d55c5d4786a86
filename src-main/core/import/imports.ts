import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import {
  AppError,
  createMessage,
  type CallOutput,
  type ParsedInput,
  type Connection,
  type ImportedRow,
  type ImportPreview,
  type ImportState,
  type Product,
} from '../../contract/index.ts';
import { assertProduct, auditFields, type Connections } from '../connections/index.ts';
import type { Providers } from '../providers/index.ts';
import type { AuditEntry, Store } from '../store/index.ts';
import { ImportRun, type ImportRunOptions } from './import-run.ts';
import { columnsKey, createReadingOptions } from './row-parser.ts';

const maxPreviewRows = 20;
const maxRunningImports = 4;
/** Number of imports that stay in memory, so that the problems of finished ones can be read. */
const maxRetainedImports = 20;
/** An import without a new chunk for this long is stopped, e.g. after its window was closed. */
const idleTimeoutMs = 120_000;

export interface ImportsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  onSessionsChanged(): void;
  onStateChanged(state: ImportState): void;
}

interface RunningImport {
  readonly id: string;
  readonly fileName: string;
  readonly byteLength: number | null;
  readonly connection: Connection;
  readonly source: 'imported' | 'pasted';
  readonly shouldWrite: boolean;
  readonly run: ImportRun;
  /** Runs the chunks and the end of the file one after the other. */
  readonly queue: PQueue;
  receivedBytes: number;
  isStartAudited: boolean;
  isEndAudited: boolean;
  idleTimer: NodeJS.Timeout | null;
}

/** The imports of a workspace. The renderer sends each file in chunks. */
export class Imports {
  readonly #dependencies: ImportsDependencies;
  readonly #imports = new Map<string, RunningImport>();

  constructor(dependencies: ImportsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Reads the head of a file like an import, without storing sessions. If `isComplete` is false, the result leaves out
   * the last line, which may be incomplete.
   */
  async preview({
    connectionId,
    product,
    head,
    isComplete,
    parseOptions,
  }: ParsedInput<'imports.preview'>): Promise<ImportPreview> {
    const connection = this.#getConnection(connectionId, product);
    const rows: ImportedRow[] = [];
    const run = new ImportRun({
      ...createReadingOptions(this.#dependencies, connection, product, parseOptions),
      onInvalidLine: 'skip',
      writeBatch: null,
      onProgress: () => undefined,
      onRow: (row) => void (rows.length < maxPreviewRows && rows.push(row)),
    });
    await run.push(Buffer.from(head, 'base64'));
    if (isComplete || !run.layout) await run.end();
    return {
      format: 'csv',
      encoding: 'utf-8',
      separator: null,
      columns: [],
      mapping: {},
      mappingSource: 'guessed',
      ...run.layout,
      rows,
      problems: run.problems.slice(0, 100),
      error: run.error,
    };
  }

  /**
   * Starts an import; its chunks follow. Throws connection_not_found, product_mismatch, or import_refused if the
   * maximum number of imports is running.
   */
  start({
    connectionId,
    product,
    fileName,
    byteLength,
    parseOptions,
    source,
    shouldWrite,
    onInvalidLine,
  }: ParsedInput<'imports.start'>): ImportState {
    const connection = this.#getConnection(connectionId, product);
    if ([...this.#imports.values()].filter(({ run }) => run.state === 'running').length >= maxRunningImports) {
      throw new AppError('import_refused', createMessage('import.limitReached', { max: maxRunningImports }), {
        retryable: true,
      });
    }
    const id = randomUUID();
    const running: RunningImport = {
      id,
      fileName,
      byteLength,
      connection,
      source,
      shouldWrite,
      queue: new PQueue({ concurrency: 1 }),
      receivedBytes: 0,
      isStartAudited: false,
      isEndAudited: false,
      idleTimer: null,
      run: new ImportRun({
        ...createReadingOptions(this.#dependencies, connection, product, parseOptions),
        onInvalidLine,
        writeBatch: shouldWrite ? (sessions) => this.#writeBatch(running, sessions) : null,
        onProgress: () => this.#dependencies.onStateChanged(this.#toState(running)),
      }),
    };
    this.#imports.set(id, running);
    this.#pruneFinished();
    this.#resetIdleTimer(running);
    return this.#toState(running);
  }

  /**
   * Processes a chunk and returns when the run accepts the next one. Throws import_refused for an unknown import or if
   * `offset` is not the number of bytes received; then the run does not change.
   */
  async addChunk({ importId, offset, bytes }: ParsedInput<'imports.addChunk'>): Promise<ImportState> {
    const running = this.#getImport(importId);
    if (offset !== running.receivedBytes) {
      throw new AppError('import_refused', createMessage('import.chunkOutOfOrder'), {
        details: { expected: running.receivedBytes },
      });
    }
    const chunk = Buffer.from(bytes, 'base64');
    running.receivedBytes += chunk.length;
    this.#resetIdleTimer(running);
    await this.#enqueue(running, () => running.run.push(chunk));
    return await this.#auditEnd(running);
  }

  async finish({ importId }: ParsedInput<'imports.finish'>): Promise<ImportState> {
    const running = this.#getImport(importId);
    await this.#enqueue(running, () => (running.run.state === 'running' ? running.run.end() : Promise.resolve()));
    return await this.#auditEnd(running);
  }

  async stop({ importId }: ParsedInput<'imports.stop'>): Promise<ImportState> {
    const running = this.#getImport(importId);
    await running.run.stop();
    await running.queue.onIdle();
    return await this.#auditEnd(running);
  }

  listProblems({ importId, skip, limit }: ParsedInput<'imports.listProblems'>): CallOutput<'imports.listProblems'> {
    const { problems, counts } = this.#getImport(importId).run;
    return {
      rows: problems.slice(skip, skip + limit),
      total: counts.refused + counts.warnings,
      retained: problems.length,
    };
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#imports.values()]
        .filter(({ run }) => run.state === 'running')
        .map(({ id }) => this.stop({ importId: id })),
    );
    for (const { idleTimer } of this.#imports.values()) if (idleTimer) clearTimeout(idleTimer);
  }

  #getConnection(connectionId: string, product: Product): Connection {
    const connection = this.#dependencies.connections.get(connectionId);
    assertProduct(connection, product);
    return connection;
  }

  async #writeBatch(running: RunningImport, sessions: Parameters<NonNullable<ImportRunOptions['writeBatch']>>[0]) {
    const { store } = this.#dependencies;
    const ingestedAt = new Date().toISOString();
    if (!running.isStartAudited) {
      running.isStartAudited = true;
      await store.run('appendAudit', {
        action: 'import_begun',
        ...auditFields(running.connection),
        detail: { kind: 'files', files: [running.fileName] },
      });
      const { layout } = running.run;
      if (layout)
        await store.run('saveMapping', {
          columns: columnsKey(layout.columns),
          mapping: layout.mapping,
          at: ingestedAt,
        });
    }
    const counts = await store.run('ingestSessions', {
      connectionId: running.connection.id,
      source: running.source,
      ingestedAt,
      sessions,
    });
    this.#dependencies.onSessionsChanged();
    return counts;
  }

  /** Appends the end record to the audit log if the run has ended and its start record was appended. */
  async #auditEnd(running: RunningImport): Promise<ImportState> {
    if (running.run.state !== 'running') {
      if (running.idleTimer) clearTimeout(running.idleTimer);
      if (running.isStartAudited && !running.isEndAudited) {
        running.isEndAudited = true;
        await this.#dependencies.store.run('appendAudit', this.#createEndEntry(running));
      }
    }
    return this.#toState(running);
  }

  #createEndEntry({ connection, fileName: file, run }: RunningImport): AuditEntry {
    const { lines, added, updated, refused } = run.counts;
    const detail = { kind: 'import' as const, file, lines, added, updated, refused };
    return { action: 'import_ended', ...auditFields(connection), outcome: run.state, detail };
  }

  /** Runs `action` after the queued ones. Rejects if the store cannot write; then the run has failed. */
  async #enqueue(running: RunningImport, action: () => Promise<void>): Promise<void> {
    try {
      await running.queue.add(action);
    } catch (error) {
      await this.#auditEnd(running).catch(() => undefined);
      throw error;
    }
  }

  #resetIdleTimer(running: RunningImport): void {
    if (running.idleTimer) clearTimeout(running.idleTimer);
    running.idleTimer = setTimeout(
      () => void this.stop({ importId: running.id }).catch(() => undefined),
      idleTimeoutMs,
    );
    running.idleTimer.unref();
  }

  #getImport(id: string): RunningImport {
    const running = this.#imports.get(id);
    if (!running) throw new AppError('import_refused', createMessage('import.notFound'));
    return running;
  }

  #pruneFinished(): void {
    for (const { id, run } of this.#imports.values()) {
      if (this.#imports.size <= maxRetainedImports) return;
      if (run.state !== 'running') this.#imports.delete(id);
    }
  }

  #toState({ id, fileName, byteLength, shouldWrite, run }: RunningImport): ImportState {
    return {
      importId: id,
      fileName,
      byteLength,
      shouldWrite,
      state: run.state,
      bytesReceived: run.bytesRead,
      error: run.error,
      ...run.counts,
    };
  }
}
