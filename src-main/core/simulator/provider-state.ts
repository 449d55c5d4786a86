/** The state of both simulated providers: the sessions, their expiry and the log of every change. */
import { randomUUID } from 'node:crypto';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { createBulkSessions, createSeededSessions, flinksLifetimeMs } from './seed.ts';
import { EventLog, type LogRecord } from './event-log.ts';
import { isOpen, type SimulatedSession } from './simulated-session.ts';
import { pick, seededRandom } from './random.ts';

/** A session to add. Only the provider is required; every other member has a default. */
export type NewSimulatedSession = { readonly connection: ProviderName } & Partial<SimulatedSession>;

export class ProviderState {
  readonly eventLog: EventLog;
  /** When the sessions were created, in milliseconds. It is read from the first line of the log. */
  readonly startedAt: number;
  readonly #startRecord: { readonly seed: number; readonly sessions: number; readonly campaign?: number };
  readonly #sessions = new Map<string, SimulatedSession>();
  readonly #clock: () => number;
  #clockOffsetMs = 0;

  /**
   * Starts a new log, or continues an existing one: its seed, counts and time replace the options, and its changes are
   * replayed.
   */
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
      throw new Error(
        'The first line of the practice log is missing. Move the file to another folder to start practice again.',
      );
    }
    this.startedAt = Date.parse(first.at);
    this.#startRecord = first;
    for (const session of this.listSeededSessions()) this.#sessions.set(session.id, session);
    later.forEach((record) => this.#replay(record));
  }

  get seed(): number {
    return this.#startRecord.seed;
  }

  /** Every session as it was at the first start. */
  listSeededSessions(): SimulatedSession[] {
    const { seed, sessions, campaign = 0 } = this.#startRecord;
    return [
      ...createSeededSessions(seed, sessions, this.startedAt),
      ...createBulkSessions(seed, campaign, this.startedAt),
    ];
  }

  /** The present time in milliseconds; `advanceClock` changes it. */
  now(): number {
    return this.#clock() + this.#clockOffsetMs;
  }

  advanceClock(milliseconds: number): void {
    this.#clockOffsetMs += milliseconds;
  }

  /** The present session. A session whose time is over is changed to expired here. */
  find(id: string): SimulatedSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || !isOpen(session.state) || Date.parse(session.endsAt) > this.now()) return session;
    return this.setState(session, 'expired', 'time');
  }

  list(): SimulatedSession[] {
    return [...this.#sessions.keys()].flatMap((id) => this.find(id) ?? []);
  }

  /** Writes the change to the log, then changes the session. */
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

  add(values: NewSimulatedSession): SimulatedSession {
    const isFlinks = values.connection === 'flinks';
    const createdAt = values.createdAt ?? new Date(this.now()).toISOString();
    const lifetimeMs = isFlinks ? flinksLifetimeMs : 30 * 60_000;
    const endsAt = values.endsAt ?? values.expiresAt ?? new Date(Date.parse(createdAt) + lifetimeMs).toISOString();
    const session: SimulatedSession = {
      product: isFlinks ? 'geft' : 'payment_session',
      id: isFlinks ? randomUUID() : `ps-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      reference: null,
      amount: isFlinks ? '25.00' : '25000',
      currency: isFlinks ? 'CAD' : 'IDR',
      listedStatus: 'active',
      subAccount: null,
      account: 'practice',
      state: 'active',
      paymentRequestId: null,
      ...values,
      createdAt,
      changedAt: createdAt,
      endsAt,
      expiresAt: isFlinks ? null : endsAt,
    };
    if (this.#sessions.has(session.id)) throw new Error(`The session ${session.id} exists already.`);
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

/** Time between two automatic changes, in milliseconds. */
const stepIntervalMs = 20_000;

/** Simulates payers: at each interval one open session is started or paid. Returns a function that stops this. */
export function startAutoProgress(providerState: ProviderState): () => void {
  const random = seededRandom(providerState.seed + providerState.eventLog.records().length);
  const advanceOneSession = (): void => {
    const openSessions = providerState
      .list()
      .filter((session) => isOpen(session.state) && !session.reference?.startsWith('Training'));
    if (openSessions.length === 0) return;
    const session = pick(random, openSessions);
    const isPaid = session.state === 'in_progress' || random() < 0.3;
    providerState.setState(session, isPaid ? 'completed' : 'in_progress', 'payer');
  };
  const timer = setInterval(advanceOneSession, stepIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
