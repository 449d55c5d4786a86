/**
 * The simulated providers' own record of what was asked and what really happened: the oracle of every test about truth.
 * JSON lines, each written to the file before its effect can be seen outside, so that a killed process loses none.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import type { FaultKind } from './faults.ts';
import type { SimulatedSession } from './simulated-session.ts';

export type LogRecord = { readonly at: string } &
  /** The first line. A restart keeps these values, whatever it was started with. */
  (
    | { readonly kind: 'started'; readonly seed: number; readonly sessions: number; readonly campaign?: number }
    | { readonly kind: 'added'; readonly session: SimulatedSession }
    /** A cancel request reached the provider, whatever became of it. */
    | {
        readonly kind: 'cancel_received';
        readonly request: number;
        readonly provider: ProviderName;
        readonly id: string;
      }
    /** A session really changed. `request` says through which cancel request, if any. */
    | {
        readonly kind: 'effect';
        readonly provider: ProviderName;
        readonly id: string;
        readonly state: SessionStatus;
        readonly by: 'request' | 'time' | 'payer' | 'control';
        readonly request: number | null;
      }
    /** What went back to the caller; `status` is null where nothing readable did. */
    | {
        readonly kind: 'cancel_answered';
        readonly request: number;
        readonly provider: ProviderName;
        readonly id: string;
        readonly how: 'sent' | 'cut' | 'reset' | 'hung';
        readonly status: number | null;
        readonly fault: FaultKind | null;
      }
    /** Somebody followed a redirect that should have been refused. */
    | { readonly kind: 'redirect_followed'; readonly path: string }
  );

/** A record before its time is put on it. */
type WithoutTimestamp<Record> = Record extends LogRecord ? Omit<Record, 'at'> : never;
export type NewLogRecord = WithoutTimestamp<LogRecord>;

/** Reads a log; a last line cut short by a crash is dropped. Throws where another line is unreadable. */
function readLogFile(file: string): LogRecord[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  try {
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogRecord);
  } catch {
    throw new Error(`The practice log ${file} is damaged. Move it away to begin practice afresh.`);
  }
}

/** Writes the whole line or, where the disk is full, none of it. */
function writeLine(file: number, line: string): void {
  const { size } = fstatSync(file);
  try {
    if (writeSync(file, line) === Buffer.byteLength(line)) return;
    throw new Error('There is no room left for the practice log.');
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

export class EventLog {
  readonly #fileDescriptor: number | null;
  readonly #records: LogRecord[] = [];
  readonly #cancelRequestCounts = new Map<string, number>();
  readonly #cancelEffectCounts = new Map<string, number>();
  readonly #listeners = new Set<(record: LogRecord) => void>();
  #lastRequestNumber = 0;

  /** Opens or makes the file, readable by its owner alone; null keeps the log in memory. */
  constructor(file: string | null) {
    if (file !== null && existsSync(file)) for (const record of readLogFile(file)) this.#index(record);
    this.#fileDescriptor = file === null ? null : openSync(file, 'a', 0o600);
  }

  append(record: NewLogRecord, now: number): void {
    const timed = { at: new Date(now).toISOString(), ...record } as LogRecord;
    if (this.#fileDescriptor !== null) writeLine(this.#fileDescriptor, `${JSON.stringify(timed)}\n`);
    this.#index(timed);
    for (const listener of this.#listeners) listener(timed);
  }

  /** Notes a cancel request and gives it its number. */
  appendCancelReceived(provider: ProviderName, id: string, now: number): number {
    const request = this.#lastRequestNumber + 1;
    this.append({ kind: 'cancel_received', request, provider, id }, now);
    return request;
  }

  records(): readonly LogRecord[] {
    return this.#records;
  }

  /** How many cancel requests for this session reached the provider. */
  countCancelRequests(id: string): number {
    return this.#cancelRequestCounts.get(id) ?? 0;
  }

  /** How many cancel requests for this session really cancelled it: one at most, or the simulator is wrong. */
  countCancelEffects(id: string): number {
    return this.#cancelEffectCounts.get(id) ?? 0;
  }

  /** Listens to what is appended; the function it returns ends that. */
  onRecord(listener: (record: LogRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#fileDescriptor !== null) closeSync(this.#fileDescriptor);
  }

  #index(record: LogRecord): void {
    this.#records.push(record);
    if (record.kind === 'cancel_received') {
      this.#lastRequestNumber = record.request;
      this.#cancelRequestCounts.set(record.id, this.countCancelRequests(record.id) + 1);
    }
    if (record.kind === 'effect' && record.state === 'cancelled' && record.by === 'request') {
      this.#cancelEffectCounts.set(record.id, this.countCancelEffects(record.id) + 1);
    }
  }
}
