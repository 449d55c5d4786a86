import { randomUUID } from 'node:crypto';
import {
  AppError,
  importParseOptions,
  productsByProvider,
  type CallOutput,
  type ParsedInput,
  type Connection,
  type ImportPreview,
  type ImportParseOptions,
  type ImportState,
  type Product,
} from '../../contract/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import type { Providers } from '../providers/index.ts';
import type { AuditEntry, Store } from '../store/index.ts';
import { columnsKey } from './column-mapping.ts';
import { ImportRun, type ReadingOptions, type ImportRunOptions } from './import-run.ts';
import { preview } from './preview.ts';

/** At once; each holds little, but more than a few are a slip. */
const maxRunningImports = 4;
/** Finished ones are kept this long, so that their problems can still be read. */
const maxRetainedImports = 20;
/** A screen that was closed sends nothing more. */
const idleTimeoutMs = 120_000;

export interface ImportsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  /** Sessions were tracked or changed. */
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
  /** Pieces and the end, one after the other. */
  queue: Promise<void>;
  receivedBytes: number;
  isStartAudited: boolean;
  isEndAudited: boolean;
  idleTimer: NodeJS.Timeout | null;
}

/** The files that are coming in through the screen. */
export class Imports {
  readonly #dependencies: ImportsDependencies;
  readonly #imports = new Map<string, RunningImport>();

  constructor(dependencies: ImportsDependencies) {
    this.#dependencies = dependencies;
  }

  async preview({
    connectionId,
    product,
    head,
    isComplete,
    parseOptions,
  }: ParsedInput<'imports.preview'>): Promise<ImportPreview> {
    const { options } = this.#readingOptionsFor(connectionId, product, parseOptions);
    return await preview(options, Buffer.from(head, 'base64'), isComplete);
  }

  /** Nothing is read yet: the pieces follow. Throws connection_not_found, product_mismatch, import_refused. */
  begin({
    connectionId,
    product,
    fileName,
    byteLength,
    parseOptions,
    source,
    shouldWrite,
    onInvalidLine,
  }: ParsedInput<'imports.begin'>): ImportState {
    const { options, connection } = this.#readingOptionsFor(connectionId, product, parseOptions);
    if ([...this.#imports.values()].filter(({ run }) => run.state === 'running').length >= maxRunningImports) {
      const message = `${maxRunningImports} files are being imported already. Wait for one to finish, or stop it.`;
      throw new AppError('import_refused', message, { retryable: true });
    }
    const id = randomUUID();
    const running: RunningImport = {
      id,
      fileName,
      byteLength,
      connection,
      source,
      shouldWrite,
      queue: Promise.resolve(),
      receivedBytes: 0,
      isStartAudited: false,
      isEndAudited: false,
      idleTimer: null,
      run: new ImportRun({
        ...options,
        badLines: onInvalidLine,
        writeBatch: shouldWrite ? (sessions) => this.#writeBatch(running, sessions) : null,
        onProgress: () => this.#dependencies.onStateChanged(this.#toState(running)),
      }),
    };
    this.#imports.set(id, running);
    this.#pruneFinished();
    this.#resetIdleTimer(running);
    return this.#toState(running);
  }

  /** Answers when there is room for the next piece. */
  async chunk({ importId, offset, bytes }: ParsedInput<'imports.chunk'>): Promise<ImportState> {
    const running = this.#getImport(importId);
    if (offset !== running.receivedBytes) {
      const message = 'A piece of the file is missing or came twice. Nothing of it was taken; import the file again.';
      throw new AppError('import_refused', message, { details: { expected: running.receivedBytes } });
    }
    const piece = Buffer.from(bytes, 'base64');
    running.receivedBytes += piece.length;
    this.#resetIdleTimer(running);
    await this.#enqueue(running, () => running.run.push(piece));
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
    await running.queue;
    return await this.#auditEnd(running);
  }

  problems({ importId, skip, limit }: ParsedInput<'imports.problems'>): CallOutput<'imports.problems'> {
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

  #readingOptionsFor(
    connectionId: string,
    product: Product,
    parseOptions: ImportParseOptions,
  ): { options: ReadingOptions; connection: Connection } {
    const connection = this.#dependencies.connections.get(connectionId);
    const { provider } = connection.options;
    if (!productsByProvider[provider].includes(product)) {
      const message = `${connection.name} has no such product. Choose one of its own.`;
      throw new AppError('product_mismatch', message, { details: { field: 'product' } });
    }
    const { store, providers } = this.#dependencies;
    return {
      connection,
      options: {
        provider,
        product,
        parseOptions: importParseOptions.parse(parseOptions),
        now: Date.now,
        getIdWarning: (id) => providers[provider].getIdWarning(id),
        findRememberedMapping: (columns) => store.run('importMapping', columns),
      },
    };
  }

  async #writeBatch(running: RunningImport, sessions: Parameters<NonNullable<ImportRunOptions['writeBatch']>>[0]) {
    const { store } = this.#dependencies;
    const ingestedAt = new Date().toISOString();
    if (!running.isStartAudited) {
      running.isStartAudited = true;
      await store.run('appendAudit', this.#createAuditEntry(running, 'import_begun', null));
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

  /** What was begun on record is ended on record, however it ended. */
  async #auditEnd(running: RunningImport): Promise<ImportState> {
    if (running.run.state !== 'running') {
      if (running.idleTimer) clearTimeout(running.idleTimer);
      if (running.isStartAudited && !running.isEndAudited) {
        running.isEndAudited = true;
        await this.#dependencies.store.run(
          'appendAudit',
          this.#createAuditEntry(running, 'import_ended', running.run.state),
        );
      }
    }
    return this.#toState(running);
  }

  #createAuditEntry(
    { connection, fileName, run }: RunningImport,
    action: 'import_begun' | 'import_ended',
    outcome: string | null,
  ): AuditEntry {
    const { lines, added, updated, refused } = run.counts;
    const detail =
      outcome === null
        ? fileName
        : `${fileName}: ${lines} lines, ${added} added, ${updated} updated, ${refused} refused`;
    return { action, ...auditFields(connection), outcome, detail };
  }

  /** A store that cannot write ends the run: its state says so, and the call tells why. */
  async #enqueue(running: RunningImport, action: () => Promise<void>): Promise<void> {
    const turn = running.queue.then(action);
    running.queue = turn.catch(() => undefined);
    try {
      await turn;
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
    if (!running) throw new AppError('import_refused', 'This import is not running any more. Import the file again.');
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
      error: run.fault,
      ...run.counts,
    };
  }
}
