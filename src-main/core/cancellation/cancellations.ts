import PQueue from 'p-queue';
import {
  AppError,
  createMessage,
  isFinalStatus,
  isAppError,
  type Cancellation,
  type ParsedInput,
  type Connection,
  type Reason,
  type Session,
  type finalStatuses,
} from '../../contract/index.ts';
import { KeyedMutex } from '../async.ts';
import type { Connections } from '../connections/index.ts';
import type { Account, Providers } from '../providers/index.ts';
import type { RateLimiter } from '../rate-limit/index.ts';
import type { BatchItemRow, CancellationRow, OperationInput, Store } from '../store/index.ts';
import { acquireCancelPermit, execute, type BatchControl, type ExecutionContext } from './execute.ts';
import { createAuditEntry, createIntent, toCancellation } from './cancellation-mappers.ts';

/** Maximum number of sessions that are read back at the same time after a start. */
const maxConcurrentReadBacks = 4;
const unresolvedStates = ['intended', 'sent', 'unknown'] as const satisfies readonly CancellationRow['state'][];

export interface CancellationsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly rateLimiter: RateLimiter;
  /** Without a rate limit: each request takes its permit from `rateLimiter`. */
  readonly providers: Providers;
  /** The present operator; a change of the settings changes it. */
  getOperator(): string;
  readonly random: () => number;
  onCancellationChanged(cancellation: Cancellation, session: Session | null): void;
}

/** One session of a confirmed batch. */
export interface BatchItemCancellation {
  readonly batchId: string;
  readonly item: Pick<BatchItemRow, 'batchNumber' | 'position' | 'sessionKey' | 'sessionId' | 'connectionId'>;
  readonly reason: Reason;
  readonly account: Account;
  readonly batch: BatchControl;
}

type ExecuteOptions = Pick<ExecutionContext, 'session' | 'account' | 'row' | 'startFrom' | 'canSend'> &
  Partial<Pick<ExecutionContext, 'batch'>>;

/** The cancellations of a workspace: at most one at a time per session, each recorded before it is sent. */
export class Cancellations {
  readonly #dependencies: CancellationsDependencies;
  /** By session key. */
  readonly #locks = new KeyedMutex<number>();
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
      const account = await this.#loadAccountOrDecline(session, connection, reason);
      const unresolved = await this.#dependencies.store.run('unresolvedCancellation', sessionKey);
      const row = unresolved ?? createIntent(session, reason, this.#dependencies.getOperator());
      const audit = createAuditEntry('cancel_intended', session, connection, { cancellationId: row.id, reason });
      if (unresolved) await this.#dependencies.store.run('appendAudit', audit);
      else await this.#dependencies.store.run('insertIntent', { row, audit });
      this.#dependencies.onCancellationChanged(toCancellation(row), null);
      const startFrom = unresolved ? 'read' : 'send';
      return toCancellation(await this.#execute({ session, account, row, startFrom, canSend: true }));
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
      return toCancellation(await this.#execute({ session, account, row: current, startFrom: 'read', canSend: false }));
    });
  }

  /**
   * Cancels a session of a batch when the rate limit allows it. Returns the settled row; `skipped` if the session no
   * longer needs to be cancelled; `not_started` if the batch or the connection was paused before the start, and the
   * item still waits. Rejects as `execute` does, or with disk_full if nothing was started.
   */
  async cancelItem({
    batchId,
    item,
    reason,
    account,
    batch,
  }: BatchItemCancellation): Promise<CancellationRow | 'skipped' | 'not_started'> {
    const { store, rateLimiter, connections, onCancellationChanged } = this.#dependencies;
    const { sessionKey, connectionId } = item;
    const connection = connections.get(connectionId);
    // Waits for a single cancellation of this session, so that its outcome is known when the item starts.
    await this.#locks.waitUntilReleased(sessionKey);
    const permit = await acquireCancelPermit({ rateLimiter, batch }, connectionId);
    if (!permit) return 'not_started';
    let release: (() => void) | null = null;
    try {
      release = this.#tryLock(sessionKey);
      if (!release) return 'not_started';
      const started = await store.run('startItem', this.#createStart(batchId, item, reason, connection));
      if (started.kind === 'skipped') return 'skipped';
      const { kind, row, session } = started;
      if (kind === 'started') onCancellationChanged(toCancellation(row), null);
      else permit.release();
      const startFrom = kind === 'started' ? permit : 'read';
      return await this.#execute({ session, account, row, startFrom, canSend: true, batch });
    } finally {
      permit.release();
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
    await queue.addAll(rows.map((row) => () => this.#locks.runExclusive(row.sessionKey, () => this.#recoverOne(row))));
  }

  /**
   * Waits at most `timeoutMs` until requests in flight are recorded. Requests that are aborted then are read back at
   * the next start.
   */
  async close(timeoutMs: number): Promise<void> {
    const timeout = setTimeout(() => this.#shutdownController.abort(), timeoutMs);
    await this.#locks.waitUntilIdle();
    clearTimeout(timeout);
    this.#shutdownController.abort();
  }

  async #recoverOne({ id }: CancellationRow): Promise<void> {
    this.#assertOpen();
    // Reads the row again: it may have been settled, or continued, in the meantime.
    const row = await this.#dependencies.store.run('cancellation', id);
    if (!row || !unresolvedStates.some((state) => state === row.state)) return;
    const session = await this.#getSession(row.sessionKey);
    const connection = this.#dependencies.connections.get(session.connectionId);
    const interrupted = row.state === 'unknown' ? row : await this.#markInterrupted(row, session, connection);
    if (interrupted.state !== 'unknown') return;
    // Without the secret the outcome stays unknown. The operator can check the status when the secret is available.
    const account = await this.#dependencies.connections.getAccount(session.connectionId).catch(() => null);
    if (account) await this.#execute({ session, account, row: interrupted, startFrom: 'read', canSend: false });
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

  /** A request that the app itself declines is recorded, so that the audit log shows every attempt. */
  async #loadAccountOrDecline(session: Session, connection: Connection, reason: Reason): Promise<Account> {
    try {
      if (isFinalStatus(session.status)) {
        const status = createMessage(finalStatusMessageKeys[session.status]);
        const details = { status: session.status };
        throw new AppError('session_final', createMessage('batch.sessionFinal', { status }), { details });
      }
      this.#dependencies.connections.assertUnlocked(connection.id);
      return await this.#dependencies.connections.getAccount(connection.id);
    } catch (error) {
      const detail = { kind: 'code' as const, code: isAppError(error) ? error.code : 'internal' };
      const audit = createAuditEntry('cancel_declined', session, connection, { reason, detail });
      await this.#dependencies.store.run('appendAudit', audit);
      throw error;
    }
  }

  /** The input of the write `startItem`: the intent of the item, marked as sent, and its audit records. */
  #createStart(
    batchId: string,
    { batchNumber, position, sessionKey, sessionId }: BatchItemCancellation['item'],
    reason: Reason,
    connection: Connection,
  ): OperationInput<'startItem'> {
    const session = { key: sessionKey, id: sessionId };
    const intent = createIntent(session, reason, this.#dependencies.getOperator());
    const row: CancellationRow = { ...intent, state: 'sent', calls: 1 };
    const sent = { batchId, cancellationId: row.id, detail: { kind: 'call' as const, call: 1 } };
    return {
      batchNumber,
      position,
      row,
      audits: {
        intended: createAuditEntry('cancel_intended', session, connection, { batchId, reason }),
        sent: createAuditEntry('cancel_sent', session, connection, sent),
        declined: createAuditEntry('cancel_declined', session, connection, { batchId, reason }),
      },
    };
  }

  async #execute(options: ExecuteOptions): Promise<CancellationRow> {
    const { onCancellationChanged, ...dependencies } = this.#dependencies;
    const connection = dependencies.connections.get(options.session.connectionId);
    return await execute({
      ...dependencies,
      batch: null,
      ...options,
      connection,
      provider: dependencies.providers[connection.options.provider],
      signal: this.#shutdownController.signal,
      onChange: (row, session) => onCancellationChanged(toCancellation(row), session),
    });
  }

  async #withLock<Value>(sessionKey: number, action: () => Promise<Value>): Promise<Value> {
    const release = this.#tryLock(sessionKey);
    if (!release)
      throw new AppError('cancellation_running', createMessage('batch.cancellationRunning'), { retryable: true });
    try {
      return await action();
    } finally {
      release();
    }
  }

  /** Returns the function that releases the lock; null if the session is locked. Throws workspace_unavailable. */
  #tryLock(sessionKey: number): (() => void) | null {
    this.#assertOpen();
    return this.#locks.tryAcquire(sessionKey);
  }

  #assertOpen(): void {
    if (this.#shutdownController.signal.aborted)
      throw new AppError('workspace_unavailable', createMessage('batch.appClosing'));
  }

  async #getSession(sessionKey: number): Promise<Session> {
    const session = await this.#dependencies.store.run('session', sessionKey);
    if (!session)
      throw new AppError('session_not_found', createMessage('batch.sessionNotTracked'), { details: { sessionKey } });
    return session;
  }
}

const finalStatusMessageKeys = {
  completed: 'batch.statusCompleted',
  failed: 'batch.statusFailed',
  cancelled: 'batch.statusCancelled',
  expired: 'batch.statusExpired',
} as const satisfies Record<(typeof finalStatuses)[number], string>;
