import {
  AppError,
  createMessage,
  isAppError,
  retryableOutcomes,
  type Batch,
  type BatchOrigin,
  type ParsedInput,
  type RefreshState,
} from '../../contract/index.ts';
import type { AuditEntry, AuditEntryOf, BatchRow, PlanSource } from '../store/index.ts';
import { KeyedMutex, TaskTracker } from '../async.ts';
import { requireConfirmation, type ConfirmInHost } from '../host-confirmation.ts';
import type { Refreshes } from '../sessions/index.ts';
import { createStateMessage, type BatchRepository } from './batch-repository.ts';
import type { BatchPublisher, BatchViews } from './batch-view.ts';
import {
  createPlanAlreadyConfirmedError,
  createPlanExpiredError,
  createRefreshIncompleteError,
  toPlanDetail,
  validatePlan,
  validatePlanSessions,
} from './confirm-plan.ts';
import {
  computePlanDigest,
  createPlanSnapshot,
  reevaluatePlan,
  type PlanSnapshotDependencies,
} from './plan-snapshot.ts';
import type { Runs } from './runs.ts';
import { getPlanExpiryMs } from './state-machine.ts';

/** Maximum number of plans that are open at the same time. */
const maxOpenPlans = 20;
/** Items of an expired or discarded plan that are deleted in one write. */
const maxItemsPerWrite = 1_000;

export interface PlansDependencies extends PlanSnapshotDependencies {
  readonly repository: BatchRepository;
  readonly views: BatchViews;
  readonly publisher: BatchPublisher;
  readonly runs: Pick<Runs, 'scheduleStart'>;
  readonly refreshes: Refreshes;
  readonly host: string;
  readonly confirmInHost: ConfirmInHost | null;
  getOperator(): string;
  /** Throws restore_not_reviewed while nothing may be sent. */
  assertMaySend(): void;
}

/** Creates, refreshes, confirms, discards and expires plans. */
export class Plans {
  readonly #dependencies: PlansDependencies;
  readonly #shutdownController = new AbortController();
  /** By plan ID: aborts the creation of the plan. */
  readonly #planningControllers = new Map<string, AbortController>();
  /** By plan ID: the running refresh. It is removed after the sessions were evaluated again. */
  readonly #refreshIds = new Map<string, string>();
  readonly #expiryTimers = new Map<string, NodeJS.Timeout>();
  /** By plan ID: serializes confirmations and every change of the plan. Key `new`: serializes the creation of plans. */
  readonly #mutex = new KeyedMutex<string>();
  readonly #tasks = new TaskTracker();

  constructor(dependencies: PlansDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Inserts the plan and creates it in the background. Throws plan_empty if no tracked session is selected,
   * batch_refused if too many plans are open.
   */
  createPlan(selection: ParsedInput<'batches.plan'>): Promise<Batch> {
    return this.#mutex.runExclusive('new', async () => {
      // Sessions that are tracked after this moment have a higher key and are not part of the plan.
      const [newest] = await this.#dependencies.store.run('selectedRows', {
        selection,
        belowKey: Number.MAX_SAFE_INTEGER,
        limit: 1,
      });
      if (!newest) throw new AppError('plan_empty', createMessage('batch.selectionEmpty'));
      if (!('filter' in selection))
        return await this.#startPlanning({ kind: 'selection' }, { kind: 'keys', sessionKeys: selection.sessionKeys });
      const { filter, excludedKeys } = selection;
      const origin = { kind: 'filter' as const, filter: JSON.stringify(filter), except: new Set(excludedKeys).size };
      return await this.#startPlanning(origin, {
        kind: 'filter',
        filter,
        except: excludedKeys,
        maxSessionKey: newest.key,
      });
    });
  }

  /**
   * Creates a plan for the failed or unknown sessions of a batch that has ended or was interrupted. Sessions that are
   * no longer tracked are omitted. Throws batch_refused if the batch is in another state, plan_empty if there is no
   * such session.
   */
  createRetryPlan({ batchId, only }: ParsedInput<'batches.planRetry'>): Promise<Batch> {
    return this.#mutex.runExclusive('new', async () => {
      const { number, state } = await this.#dependencies.repository.getRow(batchId);
      if (!retryableStates.some((retryable) => retryable === state))
        throw createRefusedError('batch.retryRefused', number, state);
      const outcomes = retryableOutcomes[only];
      const counts = await this.#dependencies.store.run('batchCounts', [number]);
      if (!counts.some(({ outcome }) => outcomes.some((retryable) => retryable === outcome))) {
        const messageKey = only === 'failed' ? 'batch.noFailedSession' : 'batch.noUnknownOutcome';
        throw new AppError('plan_empty', createMessage(messageKey, { number }));
      }
      return await this.#startPlanning(
        { kind: 'retry', of: batchId, only },
        { kind: 'items', batchNumber: number, outcomes },
      );
    });
  }

  /**
   * Reads the outdated sessions of the plan from their providers in the background, then evaluates all its sessions
   * again. Throws batch_refused, refresh_refused, plan_changed or plan_expired.
   */
  refresh(batchId: string): Promise<RefreshState> {
    return this.#mutex.runExclusive(batchId, async () => {
      const row = await this.#dependencies.repository.getRow(batchId);
      if (row.state !== 'planned') throw createRefusedError('batch.refreshRefused', row.number, row.state);
      if (this.#refreshIds.has(batchId)) {
        throw new AppError('refresh_refused', createMessage('batch.refreshRunning'), { retryable: true });
      }
      if (row.digest === null) throw createRefreshIncompleteError();
      if (Date.now() >= getPlanExpiryMs(row)) {
        await this.#expire(batchId);
        throw createPlanExpiredError();
      }
      const state = await this.#dependencies.refreshes.start({ plan: row.number });
      this.#refreshIds.set(batchId, state.refreshId);
      this.#tasks.run(async () => {
        await this.#dependencies.refreshes.wait(state.refreshId);
        // If the evaluation fails, the plan has no digest and keeps its expiry time.
        await this.#mutex
          .runExclusive(batchId, () => this.#reevaluate(batchId))
          .catch(() => this.#scheduleExpiry(row))
          .finally(() => this.#refreshIds.delete(batchId));
        this.#dependencies.publisher.markChanged(batchId);
      });
      return state;
    });
  }

  async discard(batchId: string): Promise<void> {
    await this.#end(batchId, 'discard', { outcome: 'discarded' });
  }

  /**
   * Changes a plan to a batch, which starts after a delay. Every check of the screen is repeated. Throws
   * batch_not_found, plan_not_owner, plan_already_confirmed, plan_changed, plan_expired, plan_empty, count_mismatch,
   * confirmation_declined or restore_not_reviewed if a check fails; then nothing is changed, and the refusal is
   * recorded in the audit log.
   */
  async confirm(input: ParsedInput<'batches.confirm'>): Promise<Batch> {
    const { store, views, runs } = this.#dependencies;
    const { batchId, reason } = input;
    const reasonFields = { reasonCategory: reason.category, reasonNote: reason.note };
    const row = await this.#mutex.runExclusive(batchId, async () => {
      try {
        return await this.#confirm(input, reasonFields);
      } catch (error) {
        const code = isAppError(error) ? error.code : 'internal';
        const detail = { kind: 'code' as const, code };
        await store.run('appendAudit', { action: 'batch_declined', batchId, ...reasonFields, detail });
        if (code === 'plan_expired') await this.#expire(batchId).catch(() => undefined);
        throw error;
      }
    });
    this.#clearExpiryTimer(batchId);
    runs.scheduleStart(row);
    return await views.get(batchId);
  }

  async #confirm(
    input: ParsedInput<'batches.confirm'>,
    reason: { reasonCategory: string; reasonNote: string },
  ): Promise<BatchRow> {
    const { store, repository, views, host, confirmInHost } = this.#dependencies;
    this.#dependencies.assertMaySend();
    const row = await repository.getRow(input.batchId);
    const assertPlanValid = () => {
      const operator = this.#dependencies.getOperator();
      const context = { operator, host, isRefreshing: this.#refreshIds.has(row.id), now: Date.now() };
      const planError = validatePlan(row, input, context);
      if (planError) throw planError;
    };
    assertPlanValid();
    const storedDigest = await computePlanDigest(store, row, this.#shutdownController.signal);
    const counts = await store.run('batchCounts', [row.number]);
    const sessionsError = validatePlanSessions(row, storedDigest, input, views.requiresTypedCount(row, counts));
    if (sessionsError) throw sessionsError;
    const connections = views.getProductionConnections(counts);
    if (connections.length > 0 && views.isAboveThreshold(row)) {
      await requireConfirmation(confirmInHost, { kind: 'production_batch', sessions: row.asked, connections });
      assertPlanValid();
    }
    try {
      const confirmedAt = new Date().toISOString();
      const audit: AuditEntry = { action: 'batch_confirmed', ...reason, detail: toPlanDetail(row) };
      return await repository.transition(row.id, 'confirm', audit, { ...reason, confirmedAt });
    } catch (error) {
      // The plan was discarded or has expired since it was read.
      if (isAppError(error) && error.code === 'batch_refused')
        throw createPlanAlreadyConfirmedError(await repository.getRow(row.id));
      throw error;
    }
  }

  /** After a start: discards incomplete plans and expires plans whose time is over. */
  async recover(): Promise<void> {
    const { store } = this.#dependencies;
    for (const row of await store.run('openBatches', null)) {
      if (row.state === 'planning') await this.#end(row.id, 'interrupt', { outcome: 'interrupted' });
      else if (row.state === 'planned' && row.digest === null)
        await this.#end(row.id, 'discard', { outcome: 'interrupted' });
      else if (row.state === 'planned' && Date.now() >= getPlanExpiryMs(row)) await this.#expire(row.id);
      else if (row.state === 'planned') this.#scheduleExpiry(row);
    }
    for (const number of await store.run('expiredPlans', null)) this.#deleteItems(number);
  }

  /** A plan that is being created or evaluated again is discarded at the next start. */
  async close(): Promise<void> {
    this.#shutdownController.abort(new AppError('workspace_unavailable', createMessage('batch.appClosing')));
    for (const timer of this.#expiryTimers.values()) clearTimeout(timer);
    for (const refreshId of this.#refreshIds.values())
      await this.#dependencies.refreshes.stop(refreshId).catch(() => undefined);
    await this.#tasks.waitUntilIdle();
    await this.#mutex.waitUntilIdle();
  }

  async #startPlanning(origin: BatchOrigin, source: PlanSource): Promise<Batch> {
    const { store, repository, getOperator, host } = this.#dependencies;
    const openBatches = await store.run('openBatches', null);
    if (openBatches.filter(({ state }) => state === 'planning' || state === 'planned').length >= maxOpenPlans) {
      const message = createMessage('batch.tooManyPlans', { limit: maxOpenPlans });
      throw new AppError('batch_refused', message, { retryable: true });
    }
    const row = await repository.insertPlan(origin, { operator: getOperator(), host });
    const planningController = new AbortController();
    this.#planningControllers.set(row.id, planningController);
    const signal = AbortSignal.any([planningController.signal, this.#shutdownController.signal]);
    this.#tasks.run(() =>
      this.#buildPlan(row, origin, source, signal).finally(() => this.#planningControllers.delete(row.id)),
    );
    return await this.#dependencies.views.get(row.id);
  }

  /** Never rejects: a plan that cannot be created is discarded, and the audit log records why. */
  async #buildPlan(row: BatchRow, origin: BatchOrigin, source: PlanSource, signal: AbortSignal): Promise<void> {
    const { store } = this.#dependencies;
    try {
      const snapshot = await createPlanSnapshot(
        this.#dependencies,
        row,
        source,
        () => this.#dependencies.publisher.markChanged(row.id),
        signal,
      );
      if (!snapshot) return;
      const { digest, sessions, eligible, summary } = snapshot;
      const audit: AuditEntry = {
        action: 'batch_planned',
        outcome: origin.kind,
        detail: toPlanDetail({ sessions, asked: eligible, digest }, origin),
      };
      const changes = {
        plannedAt: new Date().toISOString(),
        digest,
        sessions,
        asked: eligible,
        summary: JSON.stringify(summary),
      };
      this.#scheduleExpiry(await this.#dependencies.repository.transition(row.id, 'planned', audit, changes));
    } catch (error) {
      // The operator discarded the plan already, or the app is closing and the next start discards it.
      if (signal.aborted) return;
      const code = isAppError(error) ? error.code : 'internal';
      await this.#end(row.id, 'discard', { outcome: 'failed', detail: { kind: 'code', code } }).catch(() => undefined);
    } finally {
      await store.run('clearSelection', row.number).catch(() => undefined);
    }
  }

  /**
   * Evaluates the sessions of the plan again. The plan has no digest from the first change of a session until the last,
   * so it cannot be confirmed in that time. A plan that was altered in the database file is not evaluated: that would
   * give it a new valid digest.
   */
  async #reevaluate(batchId: string): Promise<void> {
    const { store, repository } = this.#dependencies;
    if (this.#shutdownController.signal.aborted) return;
    const row = await repository.getRow(batchId);
    const { digest: storedDigest } = await computePlanDigest(store, row, this.#shutdownController.signal);
    if (row.state !== 'planned' || row.digest !== storedDigest) return this.#scheduleExpiry(row);
    await repository.transition(batchId, 'invalidate', null, { digest: null });
    const snapshot = await reevaluatePlan(this.#dependencies, row, this.#shutdownController.signal);
    if (!snapshot) return;
    const { digest, eligible, summary } = snapshot;
    const changes = { plannedAt: new Date().toISOString(), digest, asked: eligible, summary: JSON.stringify(summary) };
    const audit: AuditEntry = {
      action: 'batch_refreshed',
      detail: toPlanDetail({ sessions: row.sessions, asked: eligible, digest }),
    };
    this.#scheduleExpiry(await repository.transition(batchId, 'reevaluate', audit, changes));
  }

  #scheduleExpiry(row: BatchRow): void {
    this.#clearExpiryTimer(row.id);
    if (row.state !== 'planned') return;
    const timer = setTimeout(
      () =>
        this.#tasks.run(() =>
          this.#mutex.runExclusive(row.id, async () => {
            // A plan does not expire during a refresh; its time starts again when it was evaluated.
            if (!this.#refreshIds.has(row.id)) await this.#expire(row.id);
          }),
        ),
      Math.max(0, getPlanExpiryMs(row) - Date.now()),
    );
    this.#expiryTimers.set(row.id, timer.unref());
  }

  #clearExpiryTimer(batchId: string): void {
    clearTimeout(this.#expiryTimers.get(batchId));
    this.#expiryTimers.delete(batchId);
  }

  #expire(batchId: string): Promise<void> {
    return this.#end(batchId, 'expire', { outcome: 'expired' });
  }

  /** Ends a plan that does not become a batch. Throws batch_refused if the state does not accept the event. */
  async #end(
    batchId: string,
    event: 'discard' | 'expire' | 'interrupt',
    audit: Omit<AuditEntryOf<'batch_discarded'>, 'action'>,
  ): Promise<void> {
    const { repository, refreshes } = this.#dependencies;
    const { number } = await repository.transition(batchId, event, { action: 'batch_discarded', ...audit });
    this.#clearExpiryTimer(batchId);
    this.#planningControllers.get(batchId)?.abort(new Error('The plan was discarded.'));
    const refreshId = this.#refreshIds.get(batchId);
    if (refreshId !== undefined) this.#tasks.run(async () => void (await refreshes.stop(refreshId)));
    this.#deleteItems(number);
  }

  #deleteItems(planNumber: number): void {
    this.#tasks.run(async () => {
      while (
        !this.#shutdownController.signal.aborted &&
        (await this.#dependencies.store.run('clearExpiredPlan', { planNumber, limit: maxItemsPerWrite })) > 0
      );
    });
  }
}

function createRefusedError(
  messageKey: 'batch.retryRefused' | 'batch.refreshRefused',
  number: number,
  state: BatchRow['state'],
): AppError {
  const message = createMessage(messageKey, { number, state: createStateMessage(state) });
  return new AppError('batch_refused', message, { details: { state } });
}

const retryableStates = ['interrupted', 'called_off', 'stopped', 'finished'] as const;
