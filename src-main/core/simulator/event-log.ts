/**
 * The log of the simulated providers: the received cancel requests and the real changes. Tests compare the records of
 * the app with it. It is written as JSON Lines; each line is in the file before its effect is visible, so a killed
 * process loses none.
 */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, truncateSync, writeSync } from 'node:fs';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { readRegularFileSync } from '../regular-file.ts';
import type { FaultKind } from './faults.ts';
import type { SimulatedSession } from './simulated-session.ts';

export type LogRecord = { readonly at: string } &
  /** The first line. After a restart these values replace the options of the start. */
  (
    | { readonly kind: 'started'; readonly seed: number; readonly sessions: number; readonly campaign?: number }
    | { readonly kind: 'added'; readonly session: SimulatedSession }
    /** A cancel request reached the provider, whatever its result. */
    | {
        readonly kind: 'cancel_received';
        readonly request: number;
        readonly provider: ProviderName;
        readonly id: string;
      }
    /** A session changed. `request` is the number of the cancel request that changed it, if any. */
    | {
        readonly kind: 'effect';
        readonly provider: ProviderName;
        readonly id: string;
        readonly state: SessionStatus;
        readonly by: 'request' | 'time' | 'payer' | 'control';
        readonly request: number | null;
      }
    /** The response to a cancel request; `status` is null if no readable response was sent. */
    | {
        readonly kind: 'cancel_answered';
        readonly request: number;
        readonly provider: ProviderName;
        readonly id: string;
        readonly how: 'sent' | 'cut' | 'reset' | 'hung';
        readonly status: number | null;
        readonly fault: FaultKind | null;
      }
    /** A client followed a redirect that it should have refused. */
    | { readonly kind: 'redirect_followed'; readonly path: string }
  );

/** A record without its timestamp. */
type WithoutTimestamp<Record> = Record extends LogRecord ? Omit<Record, 'at'> : never;
export type NewLogRecord = WithoutTimestamp<LogRecord>;

/** Reads a log. Removes an incomplete last line, which a crash can leave. Throws if another line cannot be parsed. */
function readLogFile(file: string): LogRecord[] {
  const text = readRegularFileSync(file);
  const completeText = text.slice(0, text.lastIndexOf('\n') + 1);
  if (completeText.length < text.length) truncateSync(file, Buffer.byteLength(completeText));
  try {
    return completeText
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogRecord);
  } catch {
    throw new Error(`The practice log ${file} is damaged. Move the file to another folder to start practice again.`);
  }
}

/** Writes the complete line. If the disk is full, restores the file and throws. */
function writeLine(file: number, line: string): void {
  const { size } = fstatSync(file);
  try {
    if (writeSync(file, line) === Buffer.byteLength(line)) return;
    throw new Error('The disk is full. The practice log could not be written.');
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

  /** Opens or creates the file, readable only by its owner. With null the log is in memory only. */
  constructor(file: string | null) {
    if (file !== null && existsSync(file)) for (const record of readLogFile(file)) this.#index(record);
    this.#fileDescriptor = file === null ? null : openSync(file, 'a', 0o600);
  }

  append(record: NewLogRecord, now: number): void {
    const timestamped = { at: new Date(now).toISOString(), ...record } as LogRecord;
    if (this.#fileDescriptor !== null) writeLine(this.#fileDescriptor, `${JSON.stringify(timestamped)}\n`);
    this.#index(timestamped);
    for (const listener of this.#listeners) listener(timestamped);
  }

  /** Records a cancel request and returns its number. */
  appendCancelReceived(provider: ProviderName, id: string, now: number): number {
    const request = this.#lastRequestNumber + 1;
    this.append({ kind: 'cancel_received', request, provider, id }, now);
    return request;
  }

  records(): readonly LogRecord[] {
    return this.#records;
  }

  /** The number of cancel requests for this session that reached the provider. */
  countCancelRequests(id: string): number {
    return this.#cancelRequestCounts.get(id) ?? 0;
  }

  /** The number of cancel requests that cancelled this session. More than one is an error of the simulator. */
  countCancelEffects(id: string): number {
    return this.#cancelEffectCounts.get(id) ?? 0;
  }

  /** Calls the listener for each appended record. Returns a function that removes the listener. */
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
