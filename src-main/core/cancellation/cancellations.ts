import PQueue from 'p-queue';
import {
  DeskError,
  finalStatuses,
  isDeskError,
  type Cancellation,
  type CheckedInput,
  type Connection,
  type Reason,
  type Session,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Account, Provider, Providers } from '../providers/index.ts';
import type { BatchItemRow, CancellationRow, OperationOutput, Store } from '../store/index.ts';
import { drive, notSent, type Journey, type Road } from './execute.ts';
import { auditOf, intentOf, viewOf } from './cancellation-mappers.ts';

/** How many sessions are read back at the same time after a start. */
const recoveredAtOnce = 4;
const unresolved = ['intended', 'sent', 'unknown'] as const satisfies readonly CancellationRow['state'][];

export interface CancellationsParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly operator: string;
  readonly random: () => number;
  changed(cancellation: Cancellation, session: Session | null): void;
}

/** One session of a confirmed batch, and the road it takes. */
export interface BatchedCancellation {
  readonly batchId: string;
  readonly item: Pick<BatchItemRow, 'batchNumber' | 'position' | 'sessionKey' | 'sessionId' | 'connectionId'>;
  readonly reason: Reason;
  readonly account: Account;
  /** Asks at once: the road takes the turns. */
  readonly provider: Provider;
  readonly road: Road;
}

/** An operator's own request goes at once, and again whenever its life says so. */
const ownRoad: Road = {
  turn: async (_request, run, _signal, prepare) => (!prepare || (await prepare()) ? await run() : null),
  mayRepeat: () => true,
  patient: false,
};

type Way = Pick<Journey, 'session' | 'connection' | 'account' | 'row' | 'begin' | 'maySend' | 'road'> &
  Partial<Pick<Journey, 'provider'>>;

/** Every cancellation of a workspace: at most one at a time for a session, each recorded before it is sent. */
export class Cancellations {
  readonly #parts: CancellationsParts;
  /** By session key; each resolves as it ends, however that is. */
  readonly #running = new Map<number, Promise<void>>();
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
      return await this.#drive({
        session,
        connection,
        account,
        row,
        begin: unresolved ? 'read' : 'send',
        maySend: true,
        road: ownRoad,
      });
    });
  }

  /** Reads an unknown cancellation back and sends nothing. One that is known is answered as it stands. */
  async check({ cancellationId }: CheckedInput<'cancellations.check'>): Promise<Cancellation> {
    const row = await this.#parts.store.run('cancellation', cancellationId);
    if (!row)
      throw new DeskError('cancellation_not_found', 'This cancellation is not in the record of this workspace.');
    return await this.#alone(row.sessionKey, async () => {
      const current = (await this.#parts.store.run('cancellation', cancellationId)) ?? row;
      if (current.state !== 'unknown') return viewOf(current);
      const session = await this.#session(row.sessionKey);
      const account = await this.#parts.connections.account(session.connectionId);
      return await this.#drive({
        session,
        connection: this.#parts.connections.get(session.connectionId),
        account,
        row: current,
        begin: 'read',
        maySend: false,
        road: ownRoad,
      });
    });
  }

  /**
   * Cancels a session of a batch when the road has a turn for it. Answers with its row once that is settled, with `skipped`
   * where the session needs no cancel any more, and with `turned_back` where the road was closed before: it waits still.
   * Rejects as `drive` does, or with disk_full where nothing was begun.
   */
  async carry({
    batchId,
    item,
    reason,
    account,
    provider,
    road,
  }: BatchedCancellation): Promise<CancellationRow | 'skipped' | 'turned_back'> {
    // Somebody is at this very session by hand: what comes of that is known when its turn has come.
    await this.#running.get(item.sessionKey);
    const { store, changed, operator } = this.#parts;
    const connection = this.#parts.connections.get(item.connectionId);
    const entry = (
      action: 'cancel_intended' | 'cancel_sent' | 'cancel_declined',
      facts: Parameters<typeof auditOf>[3],
    ) => auditOf(action, { key: item.sessionKey, id: item.sessionId }, connection, { batchId, ...facts });
    // Set in a callback, which the compiler does not see.
    let release = null as (() => void) | null;
    let begun = null as OperationOutput<'beginItem'> | null;
    try {
      const prepare = async () => {
        release = this.#hold(item.sessionKey);
        if (!release) return false;
        const row = { ...intentOf({ key: item.sessionKey }, reason, operator), state: 'sent' as const, calls: 1 };
        begun = await store.run('beginItem', {
          batchNumber: item.batchNumber,
          position: item.position,
          row,
          audits: {
            intended: entry('cancel_intended', { reason }),
            sent: entry('cancel_sent', { cancellationId: row.id, detail: 'call 1' }),
            declined: entry('cancel_declined', { reason }),
          },
        });
        if (begun.kind === 'begun') changed(viewOf(begun.row), null);
        return begun.kind === 'begun';
      };
      const cancel = async () =>
        begun?.kind === 'begun' ? await provider.cancel(account, begun.session, this.#stopping.signal) : notSent;
      const answer = await road.turn('cancel', cancel, this.#stopping.signal, prepare);
      if (begun === null) return 'turned_back';
      if (begun.kind === 'skipped') return 'skipped';
      const { kind, session, row: first } = begun;
      const begin = kind === 'unresolved' ? 'read' : (answer ?? notSent);
      return await this.#journey({ session, connection, account, provider, row: first, begin, maySend: true, road });
    } finally {
      release?.();
    }
  }

  /** Reads back whatever is not resolved. Sends nothing: whether to ask again is the operator's to say. */
  async recover(): Promise<void> {
    await this.readBack(await this.#parts.store.run('unresolvedCancellations', null));
  }

  /** Answers when each of them is settled, or cannot be now: also those that somebody else is at already. */
  async readBack(rows: readonly CancellationRow[]): Promise<void> {
    const queue = new PQueue({ concurrency: recoveredAtOnce });
    await queue.addAll(
      rows.map((row) => async () => {
        while (this.#running.has(row.sessionKey)) await this.#running.get(row.sessionKey);
        await this.#recoverOne(row);
      }),
    );
  }

  /** Waits for what is in flight to be recorded, at most `limitMs`; what is cut off then is read back at the next start. */
  async close(limitMs: number): Promise<void> {
    const limit = setTimeout(() => this.#stopping.abort(), limitMs);
    await Promise.all(this.#running.values());
    clearTimeout(limit);
    this.#stopping.abort();
  }

  async #recoverOne({ id, sessionKey }: CancellationRow): Promise<void> {
    await this.#alone(sessionKey, async () => {
      // As it is now: somebody else may have settled it, and asked again since.
      const row = await this.#parts.store.run('cancellation', id);
      if (!row || !unresolved.some((state) => state === row.state)) return;
      const session = await this.#session(row.sessionKey);
      const connection = this.#parts.connections.get(session.connectionId);
      const stopped = row.state === 'unknown' ? row : await this.#markStopped(row, session, connection);
      if (stopped.state !== 'unknown') return;
      // Without the secret it stays unknown, and the operator can check once there is one again.
      const account = await this.#parts.connections.account(session.connectionId).catch(() => null);
      if (account)
        await this.#drive({ session, connection, account, row: stopped, begin: 'read', maySend: false, road: ownRoad });
    });
  }

  /** The mark `sent` is durable before the first byte: what lacks it was never sent, of the rest nothing is known. */
  async #markStopped(row: CancellationRow, session: Session, connection: Connection): Promise<CancellationRow> {
    const isProven = row.state === 'intended';
    const state = isProven ? 'not_sent' : 'unknown';
    const cause = isProven ? 'stopped_before_sending' : 'console_stopped';
    const changed = await this.#parts.store.run('changeCancellation', {
      id: row.id,
      changes: {
        state,
        cause,
        settledAt: new Date().toISOString(),
        unclearCalls: row.unclearCalls + (isProven ? 0 : 1),
      },
      reading: null,
      audit: auditOf('cancel_settled', session, connection, { cancellationId: row.id, outcome: state, detail: cause }),
    });
    this.#parts.changed(viewOf(changed.row), null);
    return changed.row;
  }

  async #admit(session: Session) {
    if (finalStatuses.some((status) => status === session.status)) {
      throw new DeskError(
        'session_final',
        `This session is already ${session.status}. There is nothing left to cancel.`,
        { details: { status: session.status } },
      );
    }
    this.#parts.connections.refuseIfLocked(session.connectionId);
    return await this.#parts.connections.account(session.connectionId);
  }

  /** What the console itself declines is recorded too: no attempt is invisible. */
  async #declining<Value>(
    session: Session,
    connection: Connection,
    reason: Reason,
    admit: () => Promise<Value>,
  ): Promise<Value> {
    try {
      return await admit();
    } catch (error) {
      const detail = isDeskError(error) ? error.code : 'internal';
      await this.#parts.store.run('appendAudit', auditOf('cancel_declined', session, connection, { reason, detail }));
      throw error;
    }
  }

  async #drive(journey: Way): Promise<Cancellation> {
    return viewOf(await this.#journey(journey));
  }

  async #journey(journey: Way): Promise<CancellationRow> {
    const { store, providers, random, changed } = this.#parts;
    return await drive({
      provider: providers[journey.connection.options.provider],
      ...journey,
      store,
      random,
      signal: this.#stopping.signal,
      changed: (next, session) => changed(viewOf(next), session),
    });
  }

  async #alone<Value>(sessionKey: number, action: () => Promise<Value>): Promise<Value> {
    const release = this.#hold(sessionKey);
    if (!release) {
      throw new DeskError('cancellation_running', 'This session is being cancelled already. Wait for the outcome.', {
        retryable: true,
      });
    }
    try {
      return await action();
    } finally {
      release();
    }
  }

  /** The session is this caller's alone until he calls what is answered; null where it is somebody else's. */
  #hold(sessionKey: number): (() => void) | null {
    if (this.#stopping.signal.aborted)
      throw new DeskError('workspace_unavailable', 'The console is closing. Nothing was sent.');
    if (this.#running.has(sessionKey)) return null;
    let resolve: () => void = () => undefined;
    this.#running.set(sessionKey, new Promise((done) => (resolve = done)));
    return () => {
      this.#running.delete(sessionKey);
      resolve();
    };
  }

  async #session(key: number): Promise<Session> {
    const session = await this.#parts.store.run('session', key);
    if (!session)
      throw new DeskError('session_not_found', 'This session is not tracked in this workspace.', {
        details: { sessionKey: key },
      });
    return session;
  }
}
