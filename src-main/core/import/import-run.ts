import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import {
  createMessage,
  isAppError,
  pickMessage,
  type ImportedRow,
  type ImportMapping,
  type ImportProblem,
  type ImportPreview,
  type ImportState,
  type Message,
} from '../../contract/index.ts';
import type { ReportedSession } from '../store/index.ts';
import type { DataRecord, ParsedRecord, RecordReader } from './record-reader.ts';
import { chooseMapping, createRowParser, type ParsedRow, type ReadingOptions } from './row-parser.ts';
import { isObject } from './json-record.ts';
import { collectKeys, headLength, createReader, detectFormat, type DetectedFormat } from './detect-format.ts';
import { StreamTextDecoder, type Encoding } from './text-decoder.ts';

/** Rows per transaction: large enough for speed, small enough that a cancellation does not wait for it. */
const batchSize = 1_000;
/** Bytes that are processed before the run yields to the event loop. */
const sliceBytes = 65_536;
/** Problems that are retained per file. The two kinds have separate limits, so that warnings displace no rejections. */
const maxRetainedProblems: Record<ImportProblem['kind'], number> = { refused: 1_000, warning: 200 };

export interface ImportRunOptions extends ReadingOptions {
  /** `stop`: the run ends at the first line that is rejected. */
  readonly onInvalidLine: 'skip' | 'stop';
  /** Stores a batch durably. null if the run only checks the file. */
  readonly writeBatch:
    ((sessions: readonly ReportedSession[]) => Promise<Pick<ImportState, 'added' | 'updated' | 'unchanged'>>) | null;
  /** Called after each slice. */
  onProgress(): void;
  /** Called for each accepted line. */
  onRow?(row: ImportedRow): void;
}

/** Properties of the file that are detected before its lines are read. */
export interface FileLayout extends DetectedFormat {
  readonly encoding: Encoding;
  readonly mapping: ImportMapping;
  readonly mappingSource: ImportPreview['mappingSource'];
}

type Counts = Pick<ImportState, 'lines' | 'added' | 'updated' | 'unchanged' | 'refused' | 'warnings'>;

/**
 * Imports one file as a stream. Memory is bounded: it holds a slice of text, the batch being filled and the batch being
 * written. `push` resolves when the run accepts more bytes. The content of a file never makes a method throw: the run
 * ends with an `error`.
 */
export class ImportRun {
  readonly problems: ImportProblem[] = [];
  readonly counts: Counts = { lines: 0, added: 0, updated: 0, unchanged: 0, refused: 0, warnings: 0 };
  state: ImportState['state'] = 'running';
  /** Why the run ended before the end of the file. */
  error: ImportProblem | null = null;
  bytesRead = 0;
  layout: FileLayout | null = null;
  readonly #options: ImportRunOptions;
  readonly #decoder = new StreamTextDecoder();
  #head = '';
  #reader: RecordReader | null = null;
  #parseRow: ((line: DataRecord) => ParsedRow) | null = null;
  #hasPassedHeader = false;
  #batch: ReportedSession[] = [];
  #pendingWrite: Promise<void> = Promise.resolve();

  constructor(options: ImportRunOptions) {
    this.#options = options;
  }

  /** Call it again only after it has resolved. Rejects if the store cannot write; then the run has failed. */
  async push(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length && this.state === 'running'; offset += sliceBytes) {
      const slice = bytes.subarray(offset, offset + sliceBytes);
      this.bytesRead += slice.length;
      await this.#runGuarded(async () => {
        const { text, decodeError } = this.#decoder.push(slice);
        await this.#processText(text, decodeError);
      });
      this.#options.onProgress();
      await yieldToEventLoop();
    }
  }

  /** Ends the file and writes the last batch. Rejects if the store cannot write. */
  async end(): Promise<void> {
    await this.#runGuarded(async () => {
      const { text, decodeError } = this.#decoder.end();
      await this.#processText(text, decodeError);
      if (this.state !== 'running') return;
      if (!this.#reader) await this.#detectLayout(true);
      if (this.#reader && this.state === 'running') await this.#processRecords(this.#reader.end());
      if (this.state === 'running' && this.counts.lines === 0 && this.layout?.format === 'csv') {
        this.#fail(1, null, createMessage('import.headerOnly'));
      }
      await this.#flush();
      await this.#pendingWrite;
      if (this.state === 'running') this.state = 'finished';
    });
    this.#options.onProgress();
  }

  /** Ends the run. Drops the batch being filled and waits for the batch being written. Stored sessions stay. */
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
    } catch (cause) {
      this.state = 'failed';
      const reason = isAppError(cause) ? pickMessage(cause) : createMessage('import.writeFailed');
      this.error ??= createProblem(Math.max(1, this.counts.lines), null, reason);
      throw cause;
    }
  }

  /** After an error, writes the lines before it. After a stop by the operator, only waits for the running write. */
  async #drainAfterEnd(): Promise<void> {
    if (this.error) await this.#flush();
    await this.#pendingWrite;
  }

  async #processText(text: string, decodeError: Message | null): Promise<void> {
    if (this.#reader) {
      await this.#processRecords(this.#reader.push(text));
    } else {
      this.#head += text;
      if (decodeError !== null) return await this.#failInHead(decodeError);
      if (this.#head.length >= headLength) await this.#detectLayout(false);
    }
    if (decodeError === null || this.state !== 'running' || !this.#reader) return;
    const { line, column } = this.#reader.position();
    this.#fail(line, column, decodeError);
  }

  /** Fails at bytes that are not text, after the complete lines before them are processed. */
  async #failInHead(decodeError: Message): Promise<void> {
    const line = this.#head.split('\n').length;
    if (line > 1) await this.#detectLayout(false);
    this.#fail(line, null, decodeError);
  }

  async #detectLayout(isComplete: boolean): Promise<void> {
    const head = this.#head;
    this.#head = '';
    const detected = detectFormat(head.slice(0, headLength), isComplete, this.#options.parseOptions);
    const { columns } = detected;
    const { mapping, mappingSource } = await chooseMapping(columns, this.#options);
    this.layout = { ...detected, encoding: this.#decoder.encoding, mapping, mappingSource };
    if (detected.error) return this.#fail(detected.error.line, detected.error.column, detected.error.reason);
    const missingColumn = Object.values(mapping).find((column) => !columns.includes(column));
    if (missingColumn !== undefined && detected.format === 'csv') {
      const params = { column: missingColumn, columns: formatColumnList(columns) };
      return this.#fail(1, null, createMessage('import.columnMissing', params));
    }
    if (mapping.id === undefined) {
      return this.#fail(1, null, createMessage('import.idColumnUnknown', { columns: formatColumnList(columns) }));
    }
    this.#reader = createReader(detected);
    this.#parseRow = createRowParser({ ...this.#options, columns, mapping });
    await this.#processRecords(this.#reader.push(head));
  }

  async #processRecords(records: readonly ParsedRecord[]): Promise<void> {
    for (const record of records) {
      if (this.state !== 'running') return;
      if (record.kind === 'fatal') return this.#fail(record.line, record.column, record.reason);
      if (record.kind === 'row' && !this.#hasPassedHeader) {
        this.#hasPassedHeader = true;
        continue;
      }
      this.counts.lines += 1;
      if (record.kind === 'invalid') this.#recordProblem(createProblem(record.line, record.column, record.reason));
      else this.#acceptRow(this.#parseRow?.(record));
      if (this.#batch.length >= batchSize) await this.#flush();
    }
  }

  #acceptRow(parsedRow: ParsedRow | undefined): void {
    for (const problem of parsedRow?.problems ?? []) this.#recordProblem(problem);
    if (!parsedRow?.row || this.state !== 'running') return;
    this.#options.onRow?.(parsedRow.row);
    this.#batch.push(toReportedSession(parsedRow.row));
  }

  #recordProblem(problem: ImportProblem): void {
    const countOfKind = problem.kind === 'warning' ? this.counts.warnings : this.counts.refused;
    if (countOfKind < maxRetainedProblems[problem.kind]) this.problems.push(problem);
    if (problem.kind === 'warning') return void (this.counts.warnings += 1);
    this.counts.refused += 1;
    if (this.#options.onInvalidLine === 'skip') return;
    this.state = 'stopped';
    this.error ??= problem;
  }

  /**
   * Starts to write the batch after the write before it has ended, so that one batch is written while the next is
   * filled.
   */
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
    // The next flush or the end of the run awaits the write and handles its failure.
    this.#pendingWrite.catch(() => undefined);
  }

  #fail(line: number, column: number | null, reason: Message): void {
    this.state = 'failed';
    this.error = createProblem(line, column, reason);
  }
}

function createProblem(line: number, column: number | null, reason: Message): ImportProblem {
  return { line, column, name: null, ...reason, suggestion: null, kind: 'refused' };
}

function toReportedSession({ line: _line, ...session }: ImportedRow): ReportedSession {
  return session;
}

function formatColumnList(columns: readonly string[]): Message | string {
  if (columns.length === 0) return createMessage('import.columnsNone');
  const firstColumns = columns
    .slice(0, 12)
    .map((column) => column.slice(0, 40))
    .join(', ');
  return columns.length > 12
    ? createMessage('import.columnsAndMore', { columns: firstColumns, count: columns.length - 12 })
    : firstColumns;
}

/** Reads parsed sessions, such as a page of a feed. The line of a problem is the number of the object, from 1. */
export async function readObjects(
  options: ReadingOptions,
  objects: readonly unknown[],
): Promise<{ sessions: ReportedSession[]; lines: number; problems: ImportProblem[] }> {
  const columns = collectKeys(objects.filter(isObject));
  const { mapping } = await chooseMapping(columns, options);
  const parseRow = createRowParser({ ...options, columns, mapping });
  const sessions: ReportedSession[] = [];
  const problems: ImportProblem[] = [];
  for (const [index, fields] of objects.entries()) {
    if (!isObject(fields)) {
      problems.push(createProblem(index + 1, null, createMessage('import.sessionNotObject')));
      continue;
    }
    const { row, problems: rowProblems } = parseRow({ kind: 'object', line: index + 1, column: 1, fields });
    problems.push(...rowProblems);
    if (row) sessions.push(toReportedSession(row));
  }
  return { sessions, lines: objects.length, problems };
}
