import PQueue from 'p-queue';
import {
  AppError,
  createMessage,
  finalStatuses,
  isAppError,
  type AuditAction,
  type Cancellation,
  type ParsedInput,
  type Connection,
  type Reason,
  type Session,
  type SessionStatus,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Account, Provider, Providers } from '../providers/index.ts';
import type { BatchItemRow, CancellationRow, OperationOutput, Store } from '../store/index.ts';
import { execute, notSentResult, type ExecutionContext, type RequestGate } from './execute.ts';
import { createAuditEntry, createIntent, toCancellation } from './cancellation-mappers.ts';

/** Maximum number of sessions that are read back at the same time after a start. */
const maxConcurrentReadBacks = 4;
const unresolvedStates = ['intended', 'sent', 'unknown'] as const satisfies readonly CancellationRow['state'][];

export interface CancellationsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
  /** The present operator; a change of the settings changes it. */
  getOperator(): string;
  readonly random: () => number;
  onCancellationChanged(cancellation: Cancellation, session: Session | null): void;
}

/** One session of a confirmed batch, and the gate that schedules its requests. */
export interface BatchItemCancellation {
  readonly batchId: string;
  readonly item: Pick<BatchItemRow, 'batchNumber' | 'position' | 'sessionKey' | 'sessionId' | 'connectionId'>;
  readonly reason: Reason;
  readonly account: Account;
  /** Sends without its own rate limit: `requestGate` schedules the requests. */
  readonly provider: Provider;
  readonly requestGate: RequestGate;
}

/** For a cancellation of a single session: each request starts immediately, and retries are not limited by a budget. */
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

/** The cancellations of a workspace: at most one at a time per session, each recorded before it is sent. */
export class Cancellations {
  readonly #dependencies: CancellationsDependencies;
  /** By session key; each promise resolves when the lock is released. */
  readonly #locks = new Map<number, Promise<void>>();
  readonly #shutdownController = new AbortController();

  constructor(dependencies: CancellationsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Cancels a session and returns the outcome. Throws session_not_found or cancellation_running. Throws session_final,
   * connection_locked, credential_missing or a keychain_ code and records the request as declined. Nothing was sent if
   * it throws one of these.
   */
  async request({ sessionKey, reason }: ParsedInput<'cancellations.request'>): Promise<Cancellation> {
    return await this.#withLock(sessionKey, async () => {
      const session = await this.#getSession(sessionKey);
      const connection = this.#dependencies.connections.get(session.connectionId);
      const account = await this.#recordIfDeclined(session, connection, reason, () =>
        this.#validateAndLoadAccount(session),
      );
      const unresolved = await this.#dependencies.store.run('unresolvedCancellation', sessionKey);
      const row = unresolved ?? createIntent(session, reason, this.#dependencies.getOperator());
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

  /**
   * Reads a session with an unknown outcome back and sends no cancel request. Returns a cancellation with a known
   * outcome unchanged. Throws cancellation_not_found or cancellation_running, or what loading the secret throws.
   */
  async check({ cancellationId }: ParsedInput<'cancellations.check'>): Promise<Cancellation> {
    const row = await this.#dependencies.store.run('cancellation', cancellationId);
    if (!row) throw new AppError('cancellation_not_found', createMessage('batch.cancellationNotFound'));
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
   * Cancels a session of a batch when `requestGate` starts it. Returns the settled row; `skipped` if the session no
   * longer needs to be cancelled; `not_started` if the gate closed before the start, and the item still waits. Rejects
   * as `execute` does, or with disk_full if nothing was started.
   */
  async cancelItem({
    batchId,
    item,
    reason,
    account,
    provider,
    requestGate,
  }: BatchItemCancellation): Promise<CancellationRow | 'skipped' | 'not_started'> {
    // Waits for a single cancellation of this session, so that its outcome is known when the item starts.
    await this.#locks.get(item.sessionKey);
    const { store, onCancellationChanged, getOperator } = this.#dependencies;
    const connection = this.#dependencies.connections.get(item.connectionId);
    const createEntry = <Action extends AuditAction>(
      action: Action,
      fields: Parameters<typeof createAuditEntry<Action>>[3],
    ) => createAuditEntry(action, { key: item.sessionKey, id: item.sessionId }, connection, { batchId, ...fields });
    // Assigned in a callback, which the control flow analysis of TypeScript does not track.
    let release = null as (() => void) | null;
    let started = null as OperationOutput<'startItem'> | null;
    try {
      const prepare = async () => {
        release = this.#tryLock(item.sessionKey);
        if (!release) return false;
        const row = {
          ...createIntent({ key: item.sessionKey }, reason, getOperator()),
          state: 'sent' as const,
          calls: 1,
        };
        started = await store.run('startItem', {
          batchNumber: item.batchNumber,
          position: item.position,
          row,
          audits: {
            intended: createEntry('cancel_intended', { reason }),
            sent: createEntry('cancel_sent', { cancellationId: row.id, detail: { kind: 'call', call: 1 } }),
            declined: createEntry('cancel_declined', { reason }),
          },
        });
        if (started.kind === 'started') onCancellationChanged(toCancellation(started.row), null);
        return started.kind === 'started';
      };
      const cancel = async () =>
        started?.kind === 'started'
          ? await provider.cancel(account, started.session, this.#shutdownController.signal)
          : notSentResult;
      const firstResult = await requestGate.schedule('cancel', cancel, this.#shutdownController.signal, prepare);
      if (started === null) return 'not_started';
      if (started.kind === 'skipped') return 'skipped';
      const { kind, session, row } = started;
      const startFrom = kind === 'unresolved' ? 'read' : (firstResult ?? notSentResult);
      return await this.#execute({
        session,
        connection,
        account,
        provider,
        row,
        startFrom,
        canSend: true,
        requestGate,
      });
    } finally {
      release?.();
    }
  }

  /**
   * After a start: reads back every unresolved cancellation. Sends no cancel request; the operator decides about that.
   */
  async recover(): Promise<void> {
    await this.readBack(await this.#dependencies.store.run('unresolvedCancellations', null));
  }

  /**
   * Resolves when each row is settled or cannot be settled now. Waits for cancellations of the same sessions that run.
   */
  async readBack(rows: readonly CancellationRow[]): Promise<void> {
    const queue = new PQueue({ concurrency: maxConcurrentReadBacks });
    await queue.addAll(
      rows.map((row) => async () => {
        while (this.#locks.has(row.sessionKey)) await this.#locks.get(row.sessionKey);
        await this.#recoverOne(row);
      }),
    );
  }

  /**
   * Waits at most `timeoutMs` until requests in flight are recorded. Requests that are aborted then are read back at
   * the next start.
   */
  async close(timeoutMs: number): Promise<void> {
    const timeout = setTimeout(() => this.#shutdownController.abort(), timeoutMs);
    await Promise.all(this.#locks.values());
    clearTimeout(timeout);
    this.#shutdownController.abort();
  }

  async #recoverOne({ id, sessionKey }: CancellationRow): Promise<void> {
    await this.#withLock(sessionKey, async () => {
      // Reads the row again: it may have been settled, or continued, in the meantime.
      const row = await this.#dependencies.store.run('cancellation', id);
      if (!row || !unresolvedStates.some((state) => state === row.state)) return;
      const session = await this.#getSession(row.sessionKey);
      const connection = this.#dependencies.connections.get(session.connectionId);
      const interrupted = row.state === 'unknown' ? row : await this.#markInterrupted(row, session, connection);
      if (interrupted.state !== 'unknown') return;
      // Without the secret the outcome stays unknown. The operator can check the status when the secret is available.
      const account = await this.#dependencies.connections.getAccount(session.connectionId).catch(() => null);
      if (account)
        await this.#executeToView({
          session,
          connection,
          account,
          row: interrupted,
          startFrom: 'read',
          canSend: false,
          requestGate: immediateGate,
        });
    });
  }

  /**
   * The state `sent` is durable before the first byte is sent. A row without it was not sent; the outcome of a row with
   * it is unknown.
   */
  async #markInterrupted(row: CancellationRow, session: Session, connection: Connection): Promise<CancellationRow> {
    const wasNotSent = row.state === 'intended';
    const state = wasNotSent ? 'not_sent' : 'unknown';
    const cause = wasNotSent ? 'stopped_before_sending' : 'console_stopped';
    const changed = await this.#dependencies.store.run('changeCancellation', {
      id: row.id,
      changes: {
        state,
        cause,
        settledAt: new Date().toISOString(),
        unclearCalls: row.unclearCalls + (wasNotSent ? 0 : 1),
      },
      reading: null,
      audit: createAuditEntry('cancel_settled', session, connection, {
        cancellationId: row.id,
        outcome: state,
        detail: { kind: 'cancellation', cause, confirmedBy: null, foundStatus: null },
      }),
    });
    this.#dependencies.onCancellationChanged(toCancellation(changed.row), null);
    return changed.row;
  }

  async #validateAndLoadAccount(session: Session) {
    if (isFinalStatus(session.status)) {
      const status = createMessage(finalStatusMessageKeys[session.status]);
      throw new AppError('session_final', createMessage('batch.sessionFinal', { status }), {
        details: { status: session.status },
      });
    }
    this.#dependencies.connections.assertUnlocked(session.connectionId);
    return await this.#dependencies.connections.getAccount(session.connectionId);
  }

  /** Records a request that the app itself declines, so that the audit log shows every attempt. */
  async #recordIfDeclined<Value>(
    session: Session,
    connection: Connection,
    reason: Reason,
    validate: () => Promise<Value>,
  ): Promise<Value> {
    try {
      return await validate();
    } catch (error) {
      const detail = { kind: 'code' as const, code: isAppError(error) ? error.code : 'internal' };
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
      onChange: (row, session) => onCancellationChanged(toCancellation(row), session),
    });
  }

  async #withLock<Value>(sessionKey: number, action: () => Promise<Value>): Promise<Value> {
    const release = this.#tryLock(sessionKey);
    if (!release) {
      throw new AppError('cancellation_running', createMessage('batch.cancellationRunning'), { retryable: true });
    }
    try {
      return await action();
    } finally {
      release();
    }
  }

  /**
   * Locks the session and returns the function that releases it; null if it is locked already. Throws
   * workspace_unavailable.
   */
  #tryLock(sessionKey: number): (() => void) | null {
    if (this.#shutdownController.signal.aborted)
      throw new AppError('workspace_unavailable', createMessage('batch.appClosing'));
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
      throw new AppError('session_not_found', createMessage('batch.sessionNotTracked'), { details: { sessionKey } });
    return session;
  }
}

type FinalStatus = (typeof finalStatuses)[number];

const finalStatusMessageKeys = {
  completed: 'batch.statusCompleted',
  failed: 'batch.statusFailed',
  cancelled: 'batch.statusCancelled',
  expired: 'batch.statusExpired',
} as const satisfies Record<FinalStatus, string>;

function isFinalStatus(status: SessionStatus): status is FinalStatus {
  return finalStatuses.some((finalStatus) => finalStatus === status);
}
