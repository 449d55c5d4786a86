import PQueue from 'p-queue';
import {
  DeskError, finalStatuses, isDeskError,
  type Cancellation, type CheckedInput, type Connection, type Reason, type Session,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Providers } from '../providers/index.ts';
import type { CancellationRow, Store } from '../store/index.ts';
import { drive, type Journey } from './drive.ts';
import { auditOf, intentOf, viewOf } from './records.ts';

/** How many sessions are read back at the same time after a start. */
const recoveredAtOnce = 4;

export interface CancellationsParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly operator: string;
  readonly random: () => number;
  changed(cancellation: Cancellation, session: Session | null): void;
}

/** Every cancellation of a workspace: at most one at a time for a session, each recorded before it is sent. */
export class Cancellations {
  readonly #parts: CancellationsParts;
  readonly #running = new Map<number, Promise<unknown>>();
  readonly #stopping = new AbortController();

  constructor(parts: CancellationsParts) {
    this.#parts = parts;
  }

  /**
   * Cancels a session and answers with the outcome. Throws session_final, cancellation_running, credential_missing or a
   * keychain_ code where nothing was sent; each is recorded as declined.
   */
  async request({ sessionKey, reason }: CheckedInput<'cancellations.request'>): Promise<Cancellation> {
    return await this.#alone(sessionKey, async () => {
      const session = await this.#session(sessionKey);
      const connection = this.#parts.connections.get(session.connectionId);
      const account = await this.#declining(session, connection, reason, () => this.#admit(session));
      const unresolved = await this.#parts.store.run('unresolvedCancellation', sessionKey);
      const row = unresolved ?? intentOf(session, reason, this.#parts.operator);
      const audit = auditOf('cancel_intended', session, connection, { cancellationId: row.id, reason });
      if (unresolved) await this.#parts.store.run('appendAudit', audit);
      else await this.#parts.store.run('intend', { row, audit });
      this.#parts.changed(viewOf(row), null);
      return await this.#drive({ session, connection, account, row, begin: unresolved ? 'read' : 'send', maySend: true });
    });
  }

  /** Reads an unknown cancellation back and sends nothing. One that is known is answered as it stands. */
  async check({ cancellationId }: CheckedInput<'cancellations.check'>): Promise<Cancellation> {
    const row = await this.#parts.store.run('cancellation', cancellationId);
    if (!row) throw new DeskError('cancellation_not_found', 'This cancellation is not in the record of this workspace.');
    return await this.#alone(row.sessionKey, async () => {
      const current = (await this.#parts.store.run('cancellation', cancellationId)) ?? row;
      if (current.state !== 'unknown') return viewOf(current);
      const session = await this.#session(row.sessionKey);
      const account = await this.#parts.connections.account(session.connectionId);
      return await this.#drive({ session, connection: this.#parts.connections.get(session.connectionId), account, row: current, begin: 'read', maySend: false });
    });
  }

  /** Reads back whatever is not resolved. Sends nothing: whether to ask again is the operator's to say. */
  async recover(): Promise<void> {
    const rows = await this.#parts.store.run('unresolvedCancellations', null);
    const queue = new PQueue({ concurrency: recoveredAtOnce });
    await queue.addAll(rows.map((row) => () => this.#recoverOne(row)));
  }

  /** Waits for what is in flight to be recorded, at most `limitMs`; what is cut off then is read back at the next start. */
  async close(limitMs: number): Promise<void> {
    const limit = setTimeout(() => this.#stopping.abort(), limitMs);
    await Promise.allSettled(this.#running.values());
    clearTimeout(limit);
    this.#stopping.abort();
  }

  async #recoverOne(row: CancellationRow): Promise<void> {
    await this.#alone(row.sessionKey, async () => {
      const session = await this.#session(row.sessionKey);
      const connection = this.#parts.connections.get(session.connectionId);
      const stopped = row.state === 'unknown' ? row : await this.#markStopped(row, session, connection);
      if (stopped.state !== 'unknown') return;
      // Without the secret it stays unknown, and the operator can check once there is one again.
      const account = await this.#parts.connections.account(session.connectionId).catch(() => null);
      if (account) await this.#drive({ session, connection, account, row: stopped, begin: 'read', maySend: false });
    });
  }

  /** The mark `sent` is durable before the first byte: what lacks it was never sent, of the rest nothing is known. */
  async #markStopped(row: CancellationRow, session: Session, connection: Connection): Promise<CancellationRow> {
    const isProven = row.state === 'intended';
    const state = isProven ? 'not_sent' : 'unknown';
    const cause = isProven ? 'stopped_before_sending' : 'console_stopped';
    const changed = await this.#parts.store.run('changeCancellation', {
      id: row.id,
      changes: { state, cause, settledAt: new Date().toISOString(), unclearCalls: row.unclearCalls + (isProven ? 0 : 1) },
      reading: null,
      audit: auditOf('cancel_settled', session, connection, { cancellationId: row.id, outcome: state, detail: cause }),
    });
    this.#parts.changed(viewOf(changed.row), null);
    return changed.row;
  }

  async #admit(session: Session) {
    if (finalStatuses.some((status) => status === session.status)) {
      throw new DeskError('session_final', `This session is already ${session.status}. There is nothing left to cancel.`, { details: { status: session.status } });
    }
    return await this.#parts.connections.account(session.connectionId);
  }

  /** What the console itself declines is recorded too: no attempt is invisible. */
  async #declining<Value>(session: Session, connection: Connection, reason: Reason, admit: () => Promise<Value>): Promise<Value> {
    try {
      return await admit();
    } catch (error) {
      const detail = isDeskError(error) ? error.code : 'internal';
      await this.#parts.store.run('appendAudit', auditOf('cancel_declined', session, connection, { reason, detail }));
      throw error;
    }
  }

  async #drive(journey: Pick<Journey, 'session' | 'connection' | 'account' | 'row' | 'begin' | 'maySend'>): Promise<Cancellation> {
    const { store, providers, random, changed } = this.#parts;
    const row = await drive({
      ...journey, store, random,
      provider: providers[journey.connection.options.provider],
      signal: this.#stopping.signal,
      changed: (next, session) => changed(viewOf(next), session),
    });
    return viewOf(row);
  }

  async #alone<Value>(sessionKey: number, action: () => Promise<Value>): Promise<Value> {
    if (this.#stopping.signal.aborted) throw new DeskError('workspace_unavailable', 'The console is closing. Nothing was sent.');
    if (this.#running.has(sessionKey)) {
      throw new DeskError('cancellation_running', 'This session is being cancelled already. Wait for the outcome.', { retryable: true });
    }
    const running = action();
    this.#running.set(sessionKey, running);
    try {
      return await running;
    } finally {
      this.#running.delete(sessionKey);
    }
  }

  async #session(key: number): Promise<Session> {
    const session = await this.#parts.store.run('session', key);
    if (!session) throw new DeskError('session_not_found', 'This session is not tracked in this workspace.', { details: { sessionKey: key } });
    return session;
  }
}
