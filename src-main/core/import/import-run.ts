import { setImmediate as turn } from 'node:timers/promises';
import {
  isDeskError,
  type ImportedRow,
  type ImportMapping,
  type ImportProblem,
  type ImportReading,
  type ImportState,
  type Product,
  type ProviderName,
} from '../../contract/index.ts';
import type { ToldSession } from '../store/index.ts';
import { columnsKey, fitting, guessMapping } from './column-mapping.ts';
import type { Item, Reader } from './record-reader.ts';
import { rowReader, type ReadRow } from './row-parser.ts';
import { headLength, readerFor, survey, type Survey } from './detect-format.ts';
import { TextDecoding, type Encoding } from './text-decoder.ts';

/** Rows a transaction: long enough to be quick, short enough that an intent hardly waits for it. */
const batchSize = 1_000;
/** Bytes between two turns of the event loop, so that the console answers meanwhile. */
const sliceBytes = 65_536;
/** Of a hopeless file the first problems say it all; warnings are fewer, so that they crowd no refusal out. */
const mostKept: Record<ImportProblem['kind'], number> = { refused: 1_000, warning: 200 };

export interface RunRules {
  readonly provider: ProviderName;
  readonly product: Product;
  readonly reading: ImportReading;
  readonly badLines: 'skip' | 'stop';
  idWarning(id: string): string | null;
  now(): number;
  /** The mapping these columns had the last time, or null. */
  remembered(columnsKey: string): Promise<ImportMapping | null>;
  /** Tracks a batch, durably. null for a check. */
  readonly write:
    ((sessions: readonly ToldSession[]) => Promise<Pick<ImportState, 'added' | 'updated' | 'unchanged'>>) | null;
  /** Told after each slice. */
  changed(): void;
  /** Told of each good line. */
  seen?(row: ImportedRow): void;
}

/** How rows are read, wherever they come from and whatever becomes of them. */
export type ReadingRules = Omit<RunRules, 'badLines' | 'write' | 'changed'>;

/** What was found out about the file before its lines were read. */
export interface Opening extends Survey {
  readonly encoding: Encoding;
  readonly mapping: ImportMapping;
  readonly mappingFrom: 'given' | 'remembered' | 'guessed';
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
  bytesTaken = 0;
  opening: Opening | null = null;
  readonly #rules: RunRules;
  readonly #decoding = new TextDecoding();
  #head = '';
  #reader: Reader | null = null;
  #read: ((line: Extract<Item, { kind: 'row' | 'object' }>) => ReadRow) | null = null;
  #headerPassed = false;
  #batch: ToldSession[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(rules: RunRules) {
    this.#rules = rules;
  }

  /** One at a time. Rejects where the store could not write; the run has then failed. */
  async push(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length && this.state === 'running'; from += sliceBytes) {
      const slice = bytes.subarray(from, from + sliceBytes);
      this.bytesTaken += slice.length;
      await this.#guarded(async () => {
        const { text, broken } = this.#decoding.push(slice);
        await this.#text(text, broken);
      });
      this.#rules.changed();
      await turn();
    }
  }

  /** The file is at its end: what waits is written. */
  async end(): Promise<void> {
    await this.#guarded(async () => {
      const { text, broken } = this.#decoding.end();
      await this.#text(text, broken);
      if (this.state !== 'running') return;
      if (!this.#reader) await this.#open(true);
      if (this.#reader && this.state === 'running') await this.#items(this.#reader.end());
      if (this.state === 'running' && this.counts.lines === 0 && this.opening?.format === 'csv') {
        this.#fail(1, null, 'The file has a line with the names of the columns and nothing under it.');
      }
      await this.#flush();
      await this.#writing;
      if (this.state === 'running') this.state = 'finished';
    });
    this.#rules.changed();
  }

  /** What was written stays; the batch being filled is dropped, the one being written is waited for. */
  async stop(): Promise<void> {
    if (this.state === 'running') this.state = 'stopped';
    this.#batch = [];
    await this.#writing.catch(() => undefined);
    this.#rules.changed();
  }

  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      if (this.state === 'failed' || this.state === 'stopped') await this.#settle();
    } catch (error) {
      this.state = 'failed';
      const message = isDeskError(error)
        ? error.message
        : 'The console could not write these lines. What it had written before stays.';
      this.fault ??= this.#problem(Math.max(1, this.counts.lines), null, message);
      throw error;
    }
  }

  /** Lines before the one it ended at were good, so they count; not those of an operator's stop. */
  async #settle(): Promise<void> {
    if (this.fault) await this.#flush();
    await this.#writing;
  }

  async #text(text: string, broken: string | null): Promise<void> {
    if (this.#reader) {
      await this.#items(this.#reader.push(text));
    } else {
      this.#head += text;
      if (broken !== null) return await this.#breakInHead(broken);
      if (this.#head.length >= headLength) await this.#open(false);
    }
    if (broken === null || this.state !== 'running' || !this.#reader) return;
    const place = this.#reader.place();
    this.#fail(place.line, place.column, broken);
  }

  /** Lines before the bytes that are no text count, where there are any. */
  async #breakInHead(broken: string): Promise<void> {
    const line = this.#head.split('\n').length;
    if (line > 1) await this.#open(false);
    this.#fail(line, null, broken);
  }

  async #open(complete: boolean): Promise<void> {
    const head = this.#head;
    this.#head = '';
    const { reading } = this.#rules;
    const found = survey(head.slice(0, headLength), complete, reading);
    const columns = [...found.columns];
    const remembered = reading.mapping ? null : await this.#rules.remembered(columnsKey(columns));
    const usable = remembered && fitting(remembered, columns);
    const mapping = reading.mapping ?? (usable?.id ? usable : guessMapping(columns));
    const mappingFrom = reading.mapping ? 'given' : usable?.id ? 'remembered' : 'guessed';
    this.opening = { ...found, encoding: this.#decoding.encoding, mapping, mappingFrom };
    if (found.fault) return this.#fail(found.fault.line, found.fault.column, found.fault.message);
    const missing = Object.values(mapping).find((column) => !columns.includes(column));
    if (missing !== undefined && found.format === 'csv') {
      return this.#fail(1, null, `The file has no column “${missing}”. Its columns are: ${listed(columns)}.`);
    }
    if (mapping.id === undefined) {
      return this.#fail(
        1,
        null,
        `No column is known to hold the session id. Choose which one does: ${listed(columns)}.`,
      );
    }
    this.#reader = readerFor(found);
    this.#read = rowReader({ ...this.#rules, columns, mapping });
    await this.#items(this.#reader.push(head));
  }

  async #items(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      if (this.state !== 'running') return;
      if (item.kind === 'end') return this.#fail(item.line, item.column, item.message);
      if (item.kind === 'row' && !this.#headerPassed) {
        this.#headerPassed = true;
        continue;
      }
      this.counts.lines += 1;
      if (item.kind === 'bad') this.#note(this.#problem(item.line, item.column, item.message));
      else this.#take(this.#read?.(item));
      if (this.#batch.length >= batchSize) await this.#flush();
    }
  }

  #take(read: ReadRow | undefined): void {
    for (const problem of read?.problems ?? []) this.#note(problem);
    if (!read?.row || this.state !== 'running') return;
    this.#rules.seen?.(read.row);
    this.#batch.push(toldFrom(read.row));
  }

  #note(problem: ImportProblem): void {
    const sameKind = problem.kind === 'warning' ? this.counts.warnings : this.counts.refused;
    if (sameKind < mostKept[problem.kind]) this.problems.push(problem);
    if (problem.kind === 'warning') return void (this.counts.warnings += 1);
    this.counts.refused += 1;
    if (this.#rules.badLines === 'skip') return;
    this.state = 'stopped';
    this.fault ??= problem;
  }

  /** One batch is written while the next is filled; a third waits. */
  async #flush(): Promise<void> {
    await this.#writing;
    const sessions = this.#batch;
    this.#batch = [];
    const { write } = this.#rules;
    if (!write || sessions.length === 0) return;
    this.#writing = write(sessions).then(({ added, updated, unchanged }) => {
      this.counts.added += added;
      this.counts.updated += updated;
      this.counts.unchanged += unchanged;
    });
    // Waited for before the next one; until then a failure is nobody's.
    this.#writing.catch(() => undefined);
  }

  #fail(line: number, column: number | null, message: string): void {
    this.state = 'failed';
    this.fault = this.#problem(line, column, message);
  }

  #problem(line: number, column: number | null, message: string): ImportProblem {
    return { line, column, name: null, message, suggestion: null, kind: 'refused' };
  }
}

function toldFrom({ line: _line, ...session }: ImportedRow): ToldSession {
  return session;
}

function listed(columns: readonly string[]): string {
  const shown = columns
    .slice(0, 12)
    .map((column) => column.slice(0, 40))
    .join(', ');
  return columns.length > 12 ? `${shown} and ${columns.length - 12} more` : shown || 'there are none';
}
