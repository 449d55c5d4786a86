/** The state behind both simulated providers: sessions, what time does to them, and the record of every change. */
import { randomUUID } from 'node:crypto';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import { campaignSessions } from './bulk-seed.ts';
import { OracleLog } from './event-log.ts';
import type { LogRecord } from './event-log.ts';
import { flinksWindowMs, seededSessions } from './seed.ts';
import { isOpen } from './simulated-session.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** A session to add: the provider must be said, everything else is made up where absent. */
export type NewSession = { readonly connection: ProviderName } & Partial<SimulatedSession>;

export class Bank {
  readonly log: OracleLog;
  /** When the list was drawn up, in milliseconds: the first line of the log. */
  readonly begunAt: number;
  readonly #begin: { readonly seed: number; readonly sessions: number; readonly campaign?: number };
  readonly #sessions = new Map<string, SimulatedSession>();
  readonly #clock: () => number;
  #shiftMs = 0;

  /** Begins afresh, or goes on with an existing log: its seed and time then win, and its changes are made again. */
  constructor(options: {
    seed: number;
    count: number;
    campaign?: number;
    logFile: string | null;
    clock: () => number;
  }) {
    this.#clock = options.clock;
    this.log = new OracleLog(options.logFile);
    if (this.log.records().length === 0) {
      const { seed, count: sessions, campaign = 0 } = options;
      this.log.append({ kind: 'started', seed, sessions, ...(campaign > 0 && { campaign }) }, this.now());
    }
    const [first, ...later] = this.log.records();
    if (first?.kind !== 'started') {
      throw new Error('The practice log does not begin with its first line. Move it away to begin practice afresh.');
    }
    this.begunAt = Date.parse(first.at);
    this.#begin = first;
    for (const session of this.seeded()) this.#sessions.set(session.id, session);
    later.forEach((record) => this.#replay(record));
  }

  get seed(): number {
    return this.#begin.seed;
  }

  /** Every session as it was at the very first start. */
  seeded(): SimulatedSession[] {
    const { seed, sessions, campaign = 0 } = this.#begin;
    return [...seededSessions(seed, sessions, this.begunAt), ...campaignSessions(seed, campaign, this.begunAt)];
  }

  /** Milliseconds, moved on by `advance`. */
  now(): number {
    return this.#clock() + this.#shiftMs;
  }

  advance(milliseconds: number): void {
    this.#shiftMs += milliseconds;
  }

  /** The session as it is at this moment: one whose time is over expires here. */
  find(id: string): SimulatedSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || !isOpen(session.state) || Date.parse(session.endsAt) > this.now()) return session;
    return this.change(session, 'expired', 'time');
  }

  all(): SimulatedSession[] {
    return [...this.#sessions.keys()].flatMap((id) => this.find(id) ?? []);
  }

  /** Changes a session, after the change is in the log. */
  change(
    session: SimulatedSession,
    state: SessionStatus,
    by: 'request' | 'time' | 'payer' | 'control',
    request: number | null = null,
  ): SimulatedSession {
    const now = this.now();
    this.log.append({ kind: 'effect', provider: session.connection, id: session.id, state, by, request }, now);
    const changed = { ...session, state, changedAt: new Date(now).toISOString() };
    this.#sessions.set(session.id, changed);
    return changed;
  }

  add(wanted: NewSession): SimulatedSession {
    const flinks = wanted.connection === 'flinks';
    const createdAt = wanted.createdAt ?? new Date(this.now()).toISOString();
    const lifeMs = flinks ? flinksWindowMs : 30 * 60_000;
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
    this.log.append({ kind: 'added', session }, this.now());
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
