/** The state behind both simulated providers: sessions, what time does to them, and the record of every change. */
import { randomUUID } from 'node:crypto';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { createBulkSessions } from './bulk-seed.ts';
import { EventLog } from './event-log.ts';
import type { LogRecord } from './event-log.ts';
import { flinksLifetimeMs, createSeededSessions } from './seed.ts';
import { isOpen } from './simulated-session.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** A session to add: the provider must be said, everything else is made up where absent. */
export type NewSimulatedSession = { readonly connection: ProviderName } & Partial<SimulatedSession>;

export class ProviderState {
  readonly eventLog: EventLog;
  /** When the list was drawn up, in milliseconds: the first line of the log. */
  readonly startedAt: number;
  readonly #startRecord: { readonly seed: number; readonly sessions: number; readonly campaign?: number };
  readonly #sessions = new Map<string, SimulatedSession>();
  readonly #clock: () => number;
  #clockOffsetMs = 0;

  /** Begins afresh, or goes on with an existing log: its seed and time then win, and its changes are made again. */
  constructor(options: {
    seed: number;
    sessionCount: number;
    bulkSessionCount?: number;
    logFile: string | null;
    clock: () => number;
  }) {
    this.#clock = options.clock;
    this.eventLog = new EventLog(options.logFile);
    if (this.eventLog.records().length === 0) {
      const { seed, sessionCount: sessions, bulkSessionCount: campaign = 0 } = options;
      this.eventLog.append({ kind: 'started', seed, sessions, ...(campaign > 0 && { campaign }) }, this.now());
    }
    const [first, ...later] = this.eventLog.records();
    if (first?.kind !== 'started') {
      throw new Error('The practice log does not begin with its first line. Move it away to begin practice afresh.');
    }
    this.startedAt = Date.parse(first.at);
    this.#startRecord = first;
    for (const session of this.listSeededSessions()) this.#sessions.set(session.id, session);
    later.forEach((record) => this.#replay(record));
  }

  get seed(): number {
    return this.#startRecord.seed;
  }

  /** Every session as it was at the very first start. */
  listSeededSessions(): SimulatedSession[] {
    const { seed, sessions, campaign = 0 } = this.#startRecord;
    return [
      ...createSeededSessions(seed, sessions, this.startedAt),
      ...createBulkSessions(seed, campaign, this.startedAt),
    ];
  }

  /** Milliseconds, moved on by `advance`. */
  now(): number {
    return this.#clock() + this.#clockOffsetMs;
  }

  advanceClock(milliseconds: number): void {
    this.#clockOffsetMs += milliseconds;
  }

  /** The session as it is at this moment: one whose time is over expires here. */
  find(id: string): SimulatedSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || !isOpen(session.state) || Date.parse(session.endsAt) > this.now()) return session;
    return this.setState(session, 'expired', 'time');
  }

  list(): SimulatedSession[] {
    return [...this.#sessions.keys()].flatMap((id) => this.find(id) ?? []);
  }

  /** Changes a session, after the change is in the log. */
  setState(
    session: SimulatedSession,
    state: SessionStatus,
    by: 'request' | 'time' | 'payer' | 'control',
    request: number | null = null,
  ): SimulatedSession {
    const now = this.now();
    this.eventLog.append({ kind: 'effect', provider: session.connection, id: session.id, state, by, request }, now);
    const changed = { ...session, state, changedAt: new Date(now).toISOString() };
    this.#sessions.set(session.id, changed);
    return changed;
  }

  add(wanted: NewSimulatedSession): SimulatedSession {
    const flinks = wanted.connection === 'flinks';
    const createdAt = wanted.createdAt ?? new Date(this.now()).toISOString();
    const lifeMs = flinks ? flinksLifetimeMs : 30 * 60_000;
    const endsAt = wanted.endsAt ?? wanted.expiresAt ?? new Date(Date.parse(createdAt) + lifeMs).toISOString();
    const session: SimulatedSession = {
      product: flinks ? 'geft' : 'payment_session',
      id: flinks ? randomUUID() : `ps-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      reference: null,
      amount: flinks ? '25.00' : '25000',
      currency: flinks ? 'CAD' : 'IDR',
      listedStatus: 'active',
      subAccount: null,
      account: 'practice',
      state: 'active',
      paymentRequestId: null,
      ...wanted,
      createdAt,
      changedAt: createdAt,
      endsAt,
      expiresAt: flinks ? null : endsAt,
    };
    if (this.#sessions.has(session.id)) throw new Error(`There is already a session ${session.id}.`);
    this.eventLog.append({ kind: 'added', session }, this.now());
    this.#sessions.set(session.id, session);
    return session;
  }

  #replay(record: LogRecord): void {
    if (record.kind === 'added') this.#sessions.set(record.session.id, record.session);
    if (record.kind !== 'effect') return;
    const session = this.#sessions.get(record.id);
    if (session !== undefined) this.#sessions.set(record.id, { ...session, state: record.state, changedAt: record.at });
  }
}
