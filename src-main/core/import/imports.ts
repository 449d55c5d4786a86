import { randomUUID } from 'node:crypto';
import {
  DeskError,
  importReading,
  productsOf,
  type CallOutput,
  type CheckedInput,
  type Connection,
  type ImportPreview,
  type ImportReading,
  type ImportState,
  type Product,
} from '../../contract/index.ts';
import { auditFacts, type Connections } from '../connections/index.ts';
import type { Providers } from '../providers/index.ts';
import type { AuditEntry, Store } from '../store/index.ts';
import { columnsKey } from './column-mapping.ts';
import { ImportRun, type ReadingRules, type RunRules } from './import-run.ts';
import { preview } from './preview.ts';

/** At once; each holds little, but more than a few are a slip. */
const mostRuns = 4;
/** Finished ones are kept this long, so that their problems can still be read. */
const keptRuns = 20;
/** A screen that was closed sends nothing more. */
const idleLimitMs = 120_000;

export interface ImportsParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  /** Sessions were tracked or changed. */
  tracked(): void;
  changed(state: ImportState): void;
}

interface Running {
  readonly id: string;
  readonly fileName: string;
  readonly byteLength: number | null;
  readonly connection: Connection;
  readonly source: 'imported' | 'pasted';
  readonly write: boolean;
  readonly run: ImportRun;
  /** Pieces and the end, one after the other. */
  turn: Promise<void>;
  received: number;
  begun: boolean;
  recorded: boolean;
  idle: NodeJS.Timeout | null;
}

/** The files that are coming in through the screen. */
export class Imports {
  readonly #parts: ImportsParts;
  readonly #runs = new Map<string, Running>();

  constructor(parts: ImportsParts) {
    this.#parts = parts;
  }

  async preview({
    connectionId,
    product,
    head,
    complete,
    reading,
  }: CheckedInput<'imports.preview'>): Promise<ImportPreview> {
    const { rules } = this.#rulesFor(connectionId, product, reading);
    return await preview(rules, Buffer.from(head, 'base64'), complete);
  }

  /** Nothing is read yet: the pieces follow. Throws connection_not_found, product_mismatch, import_refused. */
  begin({
    connectionId,
    product,
    fileName,
    byteLength,
    reading,
    source,
    write,
    badLines,
  }: CheckedInput<'imports.begin'>): ImportState {
    const { rules, connection } = this.#rulesFor(connectionId, product, reading);
    if ([...this.#runs.values()].filter(({ run }) => run.state === 'running').length >= mostRuns) {
      const message = `${mostRuns} files are being imported already. Wait for one to finish, or stop it.`;
      throw new DeskError('import_refused', message, { retryable: true });
    }
    const id = randomUUID();
    const running: Running = {
      id,
      fileName,
      byteLength,
      connection,
      source,
      write,
      turn: Promise.resolve(),
      received: 0,
      begun: false,
      recorded: false,
      idle: null,
      run: new ImportRun({
        ...rules,
        badLines,
        write: write ? (sessions) => this.#write(running, sessions) : null,
        changed: () => this.#parts.changed(this.#view(running)),
      }),
    };
    this.#runs.set(id, running);
    this.#forgetOld();
    this.#watchIdle(running);
    return this.#view(running);
  }

  /** Answers when there is room for the next piece. */
  async chunk({ importId, offset, bytes }: CheckedInput<'imports.chunk'>): Promise<ImportState> {
    const running = this.#one(importId);
    if (offset !== running.received) {
      const message = 'A piece of the file is missing or came twice. Nothing of it was taken; import the file again.';
      throw new DeskError('import_refused', message, { details: { expected: running.received } });
    }
    const piece = Buffer.from(bytes, 'base64');
    running.received += piece.length;
    this.#watchIdle(running);
    await this.#inTurn(running, () => running.run.push(piece));
    return await this.#settled(running);
  }

  async finish({ importId }: CheckedInput<'imports.finish'>): Promise<ImportState> {
    const running = this.#one(importId);
    await this.#inTurn(running, () => (running.run.state === 'running' ? running.run.end() : Promise.resolve()));
    return await this.#settled(running);
  }

  async stop({ importId }: CheckedInput<'imports.stop'>): Promise<ImportState> {
    const running = this.#one(importId);
    await running.run.stop();
    await running.turn;
    return await this.#settled(running);
  }

  problems({ importId, skip, limit }: CheckedInput<'imports.problems'>): CallOutput<'imports.problems'> {
    const { problems, counts } = this.#one(importId).run;
    return { rows: problems.slice(skip, skip + limit), total: counts.refused + counts.warnings, kept: problems.length };
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#runs.values()]
        .filter(({ run }) => run.state === 'running')
        .map(({ id }) => this.stop({ importId: id })),
    );
    for (const { idle } of this.#runs.values()) if (idle) clearTimeout(idle);
  }

  #rulesFor(
    connectionId: string,
    product: Product,
    reading: ImportReading,
  ): { rules: ReadingRules; connection: Connection } {
    const connection = this.#parts.connections.get(connectionId);
    const { provider } = connection.options;
    if (!productsOf[provider].includes(product)) {
      const message = `${connection.name} has no such product. Choose one of its own.`;
      throw new DeskError('product_mismatch', message, { details: { field: 'product' } });
    }
    const { store, providers } = this.#parts;
    return {
      connection,
      rules: {
        provider,
        product,
        reading: importReading.parse(reading),
        now: Date.now,
        idWarning: (id) => providers[provider].idWarning(id),
        remembered: (columns) => store.run('importMapping', columns),
      },
    };
  }

  async #write(running: Running, sessions: Parameters<NonNullable<RunRules['write']>>[0]) {
    const { store } = this.#parts;
    const at = new Date().toISOString();
    if (!running.begun) {
      running.begun = true;
      await store.run('appendAudit', this.#audit(running, 'import_begun', null));
      const { opening } = running.run;
      if (opening)
        await store.run('rememberMapping', { columns: columnsKey(opening.columns), mapping: opening.mapping, at });
    }
    const counts = await store.run('takeSessions', {
      connectionId: running.connection.id,
      source: running.source,
      at,
      sessions,
    });
    this.#parts.tracked();
    return counts;
  }

  /** What was begun on record is ended on record, however it ended. */
  async #settled(running: Running): Promise<ImportState> {
    if (running.run.state !== 'running') {
      if (running.idle) clearTimeout(running.idle);
      if (running.begun && !running.recorded) {
        running.recorded = true;
        await this.#parts.store.run('appendAudit', this.#audit(running, 'import_ended', running.run.state));
      }
    }
    return this.#view(running);
  }

  #audit(
    { connection, fileName, run }: Running,
    action: 'import_begun' | 'import_ended',
    outcome: string | null,
  ): AuditEntry {
    const { lines, added, updated, refused } = run.counts;
    const detail =
      outcome === null
        ? fileName
        : `${fileName}: ${lines} lines, ${added} added, ${updated} updated, ${refused} refused`;
    return { action, ...auditFacts(connection), outcome, detail };
  }

  /** A store that cannot write ends the run: its state says so, and the call tells why. */
  async #inTurn(running: Running, action: () => Promise<void>): Promise<void> {
    const turn = running.turn.then(action);
    running.turn = turn.catch(() => undefined);
    try {
      await turn;
    } catch (error) {
      await this.#settled(running).catch(() => undefined);
      throw error;
    }
  }

  #watchIdle(running: Running): void {
    if (running.idle) clearTimeout(running.idle);
    running.idle = setTimeout(() => void this.stop({ importId: running.id }).catch(() => undefined), idleLimitMs);
    running.idle.unref();
  }

  #one(id: string): Running {
    const running = this.#runs.get(id);
    if (!running) throw new DeskError('import_refused', 'This import is not running any more. Import the file again.');
    return running;
  }

  #forgetOld(): void {
    for (const { id, run } of this.#runs.values()) {
      if (this.#runs.size <= keptRuns) return;
      if (run.state !== 'running') this.#runs.delete(id);
    }
  }

  #view({ id, fileName, byteLength, write, run }: Running): ImportState {
    return {
      importId: id,
      fileName,
      byteLength,
      write,
      state: run.state,
      bytesTaken: run.bytesTaken,
      fault: run.fault,
      ...run.counts,
    };
  }
}
