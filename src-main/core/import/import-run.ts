import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import {
  isAppError,
  type ImportedRow,
  type ImportMapping,
  type ImportProblem,
  type ImportParseOptions,
  type ImportState,
  type Product,
  type ProviderName,
  createMessage,
} from '../../contract/index.ts';
import type { ReportedSession } from '../store/index.ts';
import { columnsKey, restrictMapping, guessMapping } from './column-mapping.ts';
import type { ParsedRecord, RecordReader } from './record-reader.ts';
import { createRowParser, type ParsedRow } from './row-parser.ts';
import { headLength, createReader, detectFormat, type DetectedFormat } from './detect-format.ts';
import { StreamTextDecoder, type Encoding } from './text-decoder.ts';

/** Rows a transaction: long enough to be quick, short enough that an intent hardly waits for it. */
const batchSize = 1_000;
/** Bytes between two turns of the event loop, so that the console answers meanwhile. */
const sliceBytes = 65_536;
/** Of a hopeless file the first problems say it all; warnings are fewer, so that they crowd no refusal out. */
const maxRetainedProblems: Record<ImportProblem['kind'], number> = { refused: 1_000, warning: 200 };

export interface ImportRunOptions {
  readonly provider: ProviderName;
  readonly product: Product;
  readonly parseOptions: ImportParseOptions;
  readonly badLines: 'skip' | 'stop';
  getIdWarning(id: string): string | null;
  now(): number;
  /** The mapping these columns had the last time, or null. */
  findRememberedMapping(columnsKey: string): Promise<ImportMapping | null>;
  /** Tracks a batch, durably. null for a check. */
  readonly writeBatch:
    ((sessions: readonly ReportedSession[]) => Promise<Pick<ImportState, 'added' | 'updated' | 'unchanged'>>) | null;
  /** Told after each slice. */
  onProgress(): void;
  /** Told of each good line. */
  onRow?(row: ImportedRow): void;
}

/** How rows are read, wherever they come from and whatever becomes of them. */
export type ReadingOptions = Omit<ImportRunOptions, 'badLines' | 'writeBatch' | 'onProgress'>;

/** What was found out about the file before its lines were read. */
export interface FileLayout extends DetectedFormat {
  readonly encoding: Encoding;
  readonly mapping: ImportMapping;
  readonly mappingFrom: 'provided' | 'remembered' | 'guessed';
}

type Counts = Pick<ImportState, 'lines' | 'added' | 'updated' | 'unchanged' | 'refused' | 'warnings'>;

/**
 * One file on its way in, as a stream in bounded memory: a slice of text, a batch being filled and a batch being written.
 * `push` resolves when there is room for more. Nothing here throws for what a file can hold: it ends with a `fault`.
 */
export class ImportRun {
  readonly problems: ImportProblem[] = [];
  readonly counts: Counts = { lines: 0, added: 0, updated: 0, unchanged: 0, refused: 0, warnings: 0 };
  state: ImportState['state'] = 'running';
  fault: ImportProblem | null = null;
  bytesRead = 0;
  layout: FileLayout | null = null;
  readonly #options: ImportRunOptions;
  readonly #decoder = new StreamTextDecoder();
  #head = '';
  #reader: RecordReader | null = null;
  #parseRow: ((line: Extract<ParsedRecord, { kind: 'row' | 'object' }>) => ParsedRow) | null = null;
  #hasPassedHeader = false;
  #batch: ReportedSession[] = [];
  #pendingWrite: Promise<void> = Promise.resolve();

  constructor(options: ImportRunOptions) {
    this.#options = options;
  }

  /** One at a time. Rejects where the store could not write; the run has then failed. */
  async push(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length && this.state === 'running'; from += sliceBytes) {
      const slice = bytes.subarray(from, from + sliceBytes);
      this.bytesRead += slice.length;
      await this.#runGuarded(async () => {
        const { text, decodeError } = this.#decoder.push(slice);
        await this.#processText(text, decodeError);
      });
      this.#options.onProgress();
      await yieldToEventLoop();
    }
  }

  /** The file is at its end: what waits is written. */
  async end(): Promise<void> {
    await this.#runGuarded(async () => {
      const { text, decodeError } = this.#decoder.end();
      await this.#processText(text, decodeError);
      if (this.state !== 'running') return;
      if (!this.#reader) await this.#detectLayout(true);
      if (this.#reader && this.state === 'running') await this.#processRecords(this.#reader.end());
      if (this.state === 'running' && this.counts.lines === 0 && this.layout?.format === 'csv') {
        this.#fail(1, null, 'The file has a line with the names of the columns and nothing under it.');
      }
      await this.#flush();
      await this.#pendingWrite;
      if (this.state === 'running') this.state = 'finished';
    });
    this.#options.onProgress();
  }

  /** What was written stays; the batch being filled is dropped, the one being written is waited for. */
  async stop(): Promise<void> {
    if (this.state === 'running') this.state = 'stopped';
    this.#batch = [];
    await this.#pendingWrite.catch(() => undefined);
    this.#options.onProgress();
  }

  async #runGuarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      if (this.state === 'failed' || this.state === 'stopped') await this.#drainAfterEnd();
    } catch (error) {
      this.state = 'failed';
      const message = isAppError(error)
        ? error.message
        : 'The console could not write these lines. What it had written before stays.';
      this.fault ??= this.#createProblem(Math.max(1, this.counts.lines), null, message);
      throw error;
    }
  }

  /** Lines before the one it ended at were good, so they count; not those of an operator's stop. */
  async #drainAfterEnd(): Promise<void> {
    if (this.fault) await this.#flush();
    await this.#pendingWrite;
  }

  async #processText(text: string, broken: string | null): Promise<void> {
    if (this.#reader) {
      await this.#processRecords(this.#reader.push(text));
    } else {
      this.#head += text;
      if (broken !== null) return await this.#failInHead(broken);
      if (this.#head.length >= headLength) await this.#detectLayout(false);
    }
    if (broken === null || this.state !== 'running' || !this.#reader) return;
    const place = this.#reader.position();
    this.#fail(place.line, place.column, broken);
  }

  /** Lines before the bytes that are no text count, where there are any. */
  async #failInHead(broken: string): Promise<void> {
    const line = this.#head.split('\n').length;
    if (line > 1) await this.#detectLayout(false);
    this.#fail(line, null, broken);
  }

  async #detectLayout(complete: boolean): Promise<void> {
    const head = this.#head;
    this.#head = '';
    const { parseOptions } = this.#options;
    const found = detectFormat(head.slice(0, headLength), complete, parseOptions);
    const columns = [...found.columns];
    const remembered = parseOptions.mapping ? null : await this.#options.findRememberedMapping(columnsKey(columns));
    const usable = remembered && restrictMapping(remembered, columns);
    const mapping = parseOptions.mapping ?? (usable?.id ? usable : guessMapping(columns));
    const mappingFrom = parseOptions.mapping ? 'provided' : usable?.id ? 'remembered' : 'guessed';
    this.layout = { ...found, encoding: this.#decoder.encoding, mapping, mappingFrom };
    if (found.fault) return this.#fail(found.fault.line, found.fault.column, found.fault.message);
    const missing = Object.values(mapping).find((column) => !columns.includes(column));
    if (missing !== undefined && found.format === 'csv') {
      return this.#fail(1, null, `The file has no column “${missing}”. Its columns are: ${formatColumnList(columns)}.`);
    }
    if (mapping.id === undefined) {
      return this.#fail(
        1,
        null,
        `No column is known to hold the session id. Choose which one does: ${formatColumnList(columns)}.`,
      );
    }
    this.#reader = createReader(found);
    this.#parseRow = createRowParser({ ...this.#options, columns, mapping });
    await this.#processRecords(this.#reader.push(head));
  }

  async #processRecords(items: readonly ParsedRecord[]): Promise<void> {
    for (const item of items) {
      if (this.state !== 'running') return;
      if (item.kind === 'fatal') return this.#fail(item.line, item.column, item.message);
      if (item.kind === 'row' && !this.#hasPassedHeader) {
        this.#hasPassedHeader = true;
        continue;
      }
      this.counts.lines += 1;
      if (item.kind === 'invalid') this.#recordProblem(this.#createProblem(item.line, item.column, item.message));
      else this.#acceptRow(this.#parseRow?.(item));
      if (this.#batch.length >= batchSize) await this.#flush();
    }
  }

  #acceptRow(read: ParsedRow | undefined): void {
    for (const problem of read?.problems ?? []) this.#recordProblem(problem);
    if (!read?.row || this.state !== 'running') return;
    this.#options.onRow?.(read.row);
    this.#batch.push(toReportedSession(read.row));
  }

  #recordProblem(problem: ImportProblem): void {
    const sameKind = problem.kind === 'warning' ? this.counts.warnings : this.counts.refused;
    if (sameKind < maxRetainedProblems[problem.kind]) this.problems.push(problem);
    if (problem.kind === 'warning') return void (this.counts.warnings += 1);
    this.counts.refused += 1;
    if (this.#options.badLines === 'skip') return;
    this.state = 'stopped';
    this.fault ??= problem;
  }

  /** One batch is written while the next is filled; a third waits. */
  async #flush(): Promise<void> {
    await this.#pendingWrite;
    const sessions = this.#batch;
    this.#batch = [];
    const { writeBatch } = this.#options;
    if (!writeBatch || sessions.length === 0) return;
    this.#pendingWrite = writeBatch(sessions).then(({ added, updated, unchanged }) => {
      this.counts.added += added;
      this.counts.updated += updated;
      this.counts.unchanged += unchanged;
    });
    // Waited for before the next one; until then a failure is nobody's.
    this.#pendingWrite.catch(() => undefined);
  }

  #fail(line: number, column: number | null, message: string): void {
    this.state = 'failed';
    this.fault = this.#createProblem(line, column, message);
  }

  #createProblem(line: number, column: number | null, message: string): ImportProblem {
    return {
      line,
      column,
      name: null,
      ...createMessage('app.verbatim', { text: message }),
      suggestion: null,
      kind: 'refused',
    };
  }
}

function toReportedSession({ line: _line, ...session }: ImportedRow): ReportedSession {
  return session;
}

function formatColumnList(columns: readonly string[]): string {
  const shown = columns
    .slice(0, 12)
    .map((column) => column.slice(0, 40))
    .join(', ');
  return columns.length > 12 ? `${shown} and ${columns.length - 12} more` : shown || 'there are none';
}
