import PQueue from 'p-queue';
import {
  AppError,
  finalStatuses,
  isAppError,
  type Cancellation,
  type ParsedInput,
  type Connection,
  type Reason,
  type Session,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Account, Provider, Providers } from '../providers/index.ts';
import type { BatchItemRow, CancellationRow, OperationOutput, Store } from '../store/index.ts';
import { execute, notSentResult, type ExecutionContext, type RequestGate } from './execute.ts';
import { createAuditEntry, createIntent, toCancellation } from './cancellation-mappers.ts';

/** How many sessions are read back at the same time after a start. */
const maxConcurrentReadBacks = 4;
const unresolvedStates = ['intended', 'sent', 'unknown'] as const satisfies readonly CancellationRow['state'][];

export interface CancellationsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly operator: string;
  readonly random: () => number;
  onCancellationChanged(cancellation: Cancellation, session: Session | null): void;
}

/** One session of a confirmed batch, and the road it takes. */
export interface BatchItemCancellation {
  readonly batchId: string;
  readonly item: Pick<BatchItemRow, 'batchNumber' | 'position' | 'sessionKey' | 'sessionId' | 'connectionId'>;
  readonly reason: Reason;
  readonly account: Account;
  /** Asks at once: the road takes the turns. */
  readonly provider: Provider;
  readonly requestGate: RequestGate;
}

/** An operator's own request goes at once, and again whenever its life says so. */
const immediateGate: RequestGate = {
  schedule: async (_request, run, _signal, prepare) => (!prepare || (await prepare()) ? await run() : null),
  tryRetry: () => true,
  retryThrottled: false,
};

type ExecuteOptions = Pick<
  ExecutionContext,
  'session' | 'connection' | 'account' | 'row' | 'startFrom' | 'canSend' | 'requestGate'
> &
  Partial<Pick<ExecutionContext, 'provider'>>;

/** Every cancellation of a workspace: at most one at a time for a session, each recorded before it is sent. */
export class Cancellations {
  readonly #dependencies: CancellationsDependencies;
  /** By session key; each resolves as it ends, however that is. */
  readonly #locks = new Map<number, Promise<void>>();
  readonly #shutdownController = new AbortController();

  constructor(dependencies: CancellationsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Cancels a session and answers with the outcome. Throws session_final, cancellation_running, credential_missing or a
   * keychain_ code where nothing was sent; each is recorded as declined.
   */
  async request({ sessionKey, reason }: ParsedInput<'cancellations.request'>): Promise<Cancellation> {
    return await this.#withLock(sessionKey, async () => {
      const session = await this.#getSession(sessionKey);
      const connection = this.#dependencies.connections.get(session.connectionId);
      const account = await this.#recordIfDeclined(session, connection, reason, () =>
        this.#validateAndLoadAccount(session),
      );
      const unresolved = await this.#dependencies.store.run('unresolvedCancellation', sessionKey);
      const row = unresolved ?? createIntent(session, reason, this.#dependencies.operator);
      const audit = createAuditEntry('cancel_intended', session, connection, { cancellationId: row.id, reason });
      if (unresolved) await this.#dependencies.store.run('appendAudit', audit);
      else await this.#dependencies.store.run('insertIntent', { row, audit });
      this.#dependencies.onCancellationChanged(toCancellation(row), null);
      return await this.#executeToView({
        session,
        connection,
        account,
        row,
        startFrom: unresolved ? 'read' : 'send',
        canSend: true,
        requestGate: immediateGate,
      });
    });
  }

  /** Reads an unknown cancellation back and sends nothing. One that is known is answered as it stands. */
  async check({ cancellationId }: ParsedInput<'cancellations.check'>): Promise<Cancellation> {
    const row = await this.#dependencies.store.run('cancellation', cancellationId);
    if (!row) throw new AppError('cancellation_not_found', 'This cancellation is not in the record of this workspace.');
    return await this.#withLock(row.sessionKey, async () => {
      const current = (await this.#dependencies.store.run('cancellation', cancellationId)) ?? row;
      if (current.state !== 'unknown') return toCancellation(current);
      const session = await this.#getSession(row.sessionKey);
      const account = await this.#dependencies.connections.getAccount(session.connectionId);
      return await this.#executeToView({
        session,
        connection: this.#dependencies.connections.get(session.connectionId),
        account,
        row: current,
        startFrom: 'read',
        canSend: false,
        requestGate: immediateGate,
      });
    });
  }

  /**
   * Cancels a session of a batch when the road has a turn for it. Answers with its row once that is settled, with `skipped`
   * where the session needs no cancel any more, and with `not_started` where the road was closed before: it waits still.
   * Rejects as `drive` does, or with disk_full where nothing was begun.
   */
  async cancelItem({
    batchId,
    item,
    reason,
    account,
    provider,
    requestGate,
  }: BatchItemCancellation): Promise<CancellationRow | 'skipped' | 'not_started'> {
    // Somebody is at this very session by hand: what comes of that is known when its turn has come.
    await this.#locks.get(item.sessionKey);
    const { store, onCancellationChanged, operator } = this.#dependencies;
    const connection = this.#dependencies.connections.get(item.connectionId);
    const entry = (
      action: 'cancel_intended' | 'cancel_sent' | 'cancel_declined',
      facts: Parameters<typeof createAuditEntry>[3],
    ) => createAuditEntry(action, { key: item.sessionKey, id: item.sessionId }, connection, { batchId, ...facts });
    // Set in a callback, which the compiler does not see.
    let release = null as (() => void) | null;
    let begun = null as OperationOutput<'startItem'> | null;
    try {
      const prepare = async () => {
        release = this.#tryLock(item.sessionKey);
        if (!release) return false;
        const row = { ...createIntent({ key: item.sessionKey }, reason, operator), state: 'sent' as const, calls: 1 };
        begun = await store.run('startItem', {
          batchNumber: item.batchNumber,
          position: item.position,
          row,
          audits: {
            intended: entry('cancel_intended', { reason }),
            sent: entry('cancel_sent', { cancellationId: row.id, detail: 'call 1' }),
            declined: entry('cancel_declined', { reason }),
          },
        });
        if (begun.kind === 'started') onCancellationChanged(toCancellation(begun.row), null);
        return begun.kind === 'started';
      };
      const cancel = async () =>
        begun?.kind === 'started'
          ? await provider.cancel(account, begun.session, this.#shutdownController.signal)
          : notSentResult;
      const answer = await requestGate.schedule('cancel', cancel, this.#shutdownController.signal, prepare);
      if (begun === null) return 'not_started';
      if (begun.kind === 'skipped') return 'skipped';
      const { kind, session, row: first } = begun;
      const startFrom = kind === 'unresolved' ? 'read' : (answer ?? notSentResult);
      return await this.#execute({
        session,
        connection,
        account,
        provider,
        row: first,
        startFrom,
        canSend: true,
        requestGate,
      });
    } finally {
      release?.();
    }
  }

  /** Reads back whatever is not resolved. Sends nothing: whether to ask again is the operator's to say. */
  async recover(): Promise<void> {
    await this.readBack(await this.#dependencies.store.run('unresolvedCancellations', null));
  }

  /** Answers when each of them is settled, or cannot be now: also those that somebody else is at already. */
  async readBack(rows: readonly CancellationRow[]): Promise<void> {
    const queue = new PQueue({ concurrency: maxConcurrentReadBacks });
    await queue.addAll(
      rows.map((row) => async () => {
        while (this.#locks.has(row.sessionKey)) await this.#locks.get(row.sessionKey);
        await this.#recoverOne(row);
      }),
    );
  }

  /** Waits for what is in flight to be recorded, at most `limitMs`; what is cut off then is read back at the next start. */
  async close(limitMs: number): Promise<void> {
    const limit = setTimeout(() => this.#shutdownController.abort(), limitMs);
    await Promise.all(this.#locks.values());
    clearTimeout(limit);
    this.#shutdownController.abort();
  }

  async #recoverOne({ id, sessionKey }: CancellationRow): Promise<void> {
    await this.#withLock(sessionKey, async () => {
      // As it is now: somebody else may have settled it, and asked again since.
      const row = await this.#dependencies.store.run('cancellation', id);
      if (!row || !unresolvedStates.some((state) => state === row.state)) return;
      const session = await this.#getSession(row.sessionKey);
      const connection = this.#dependencies.connections.get(session.connectionId);
      const stopped = row.state === 'unknown' ? row : await this.#markInterrupted(row, session, connection);
      if (stopped.state !== 'unknown') return;
      // Without the secret it stays unknown, and the operator can check once there is one again.
      const account = await this.#dependencies.connections.getAccount(session.connectionId).catch(() => null);
      if (account)
        await this.#executeToView({
          session,
          connection,
          account,
          row: stopped,
          startFrom: 'read',
          canSend: false,
          requestGate: immediateGate,
        });
    });
  }

  /** The mark `sent` is durable before the first byte: what lacks it was never sent, of the rest nothing is known. */
  async #markInterrupted(row: CancellationRow, session: Session, connection: Connection): Promise<CancellationRow> {
    const isProven = row.state === 'intended';
    const state = isProven ? 'not_sent' : 'unknown';
    const cause = isProven ? 'stopped_before_sending' : 'console_stopped';
    const changed = await this.#dependencies.store.run('changeCancellation', {
      id: row.id,
      changes: {
        state,
        cause,
        settledAt: new Date().toISOString(),
        unclearCalls: row.unclearCalls + (isProven ? 0 : 1),
      },
      reading: null,
      audit: createAuditEntry('cancel_settled', session, connection, {
        cancellationId: row.id,
        outcome: state,
        detail: cause,
      }),
    });
    this.#dependencies.onCancellationChanged(toCancellation(changed.row), null);
    return changed.row;
  }

  async #validateAndLoadAccount(session: Session) {
    if (finalStatuses.some((status) => status === session.status)) {
      throw new AppError(
        'session_final',
        `This session is already ${session.status}. There is nothing left to cancel.`,
        { details: { status: session.status } },
      );
    }
    this.#dependencies.connections.assertUnlocked(session.connectionId);
    return await this.#dependencies.connections.getAccount(session.connectionId);
  }

  /** What the console itself declines is recorded too: no attempt is invisible. */
  async #recordIfDeclined<Value>(
    session: Session,
    connection: Connection,
    reason: Reason,
    admit: () => Promise<Value>,
  ): Promise<Value> {
    try {
      return await admit();
    } catch (error) {
      const detail = isAppError(error) ? error.code : 'internal';
      await this.#dependencies.store.run(
        'appendAudit',
        createAuditEntry('cancel_declined', session, connection, { reason, detail }),
      );
      throw error;
    }
  }

  async #executeToView(options: ExecuteOptions): Promise<Cancellation> {
    return toCancellation(await this.#execute(options));
  }

  async #execute(options: ExecuteOptions): Promise<CancellationRow> {
    const { store, providers, random, onCancellationChanged } = this.#dependencies;
    return await execute({
      provider: providers[options.connection.options.provider],
      ...options,
      store,
      random,
      signal: this.#shutdownController.signal,
      onChange: (next, session) => onCancellationChanged(toCancellation(next), session),
    });
  }

  async #withLock<Value>(sessionKey: number, action: () => Promise<Value>): Promise<Value> {
    const release = this.#tryLock(sessionKey);
    if (!release) {
      throw new AppError('cancellation_running', 'This session is being cancelled already. Wait for the outcome.', {
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
  #tryLock(sessionKey: number): (() => void) | null {
    if (this.#shutdownController.signal.aborted)
      throw new AppError('workspace_unavailable', 'The console is closing. Nothing was sent.');
    if (this.#locks.has(sessionKey)) return null;
    let resolve: () => void = () => undefined;
    this.#locks.set(sessionKey, new Promise((done) => (resolve = done)));
    return () => {
      this.#locks.delete(sessionKey);
      resolve();
    };
  }

  async #getSession(sessionKey: number): Promise<Session> {
    const session = await this.#dependencies.store.run('session', sessionKey);
    if (!session)
      throw new AppError('session_not_found', 'This session is not tracked in this workspace.', {
        details: { sessionKey },
      });
    return session;
  }
}
