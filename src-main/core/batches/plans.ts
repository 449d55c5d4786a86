import {
  AppError,
  createMessage,
  isAppError,
  retryableOutcomes,
  type Batch,
  type BatchOrigin,
  type ParsedInput,
  type PlanSummary,
  type RefreshState,
} from '../../contract/index.ts';
import type { AuditEntry, BatchRow, PlanSource, PartialPlanSummary } from '../store/index.ts';
import { createStateMessage, type BatchRepository } from './batch-repository.ts';
import {
  confirmPlan,
  toPlanDetail,
  createRefreshIncompleteError,
  createPlanExpiredError,
  getPlanExpiryMs,
} from './confirm-plan.ts';
import { computePlanDigest, createPlanSnapshot, reevaluatePlan } from './plan-snapshot.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { TaskTracker } from './task-tracker.ts';

/** Maximum number of plans that are open at the same time. */
const maxOpenPlans = 20;
/** Items of an expired or discarded plan that are deleted in one write. */
const maxItemsPerWrite = 1_000;

/** Creates, refreshes, confirms, discards and expires plans. */
export class Plans {
  readonly #dependencies: BatchesDependencies;
  readonly #repository: BatchRepository;
  readonly #shutdownController = new AbortController();
  /** By plan ID: aborts the creation of the plan. */
  readonly #planningControllers = new Map<string, AbortController>();
  /** By plan ID: the running refresh. It is removed after the sessions were evaluated again. */
  readonly #refreshIds = new Map<string, string>();
  readonly #expiryTimers = new Map<string, NodeJS.Timeout>();
  /** By plan ID: serializes confirmations and every change of the plan. Key `new`: serializes the creation of plans. */
  readonly #mutex = new KeyedMutex();
  readonly #tasks = new TaskTracker();

  constructor(dependencies: BatchesDependencies, repository: BatchRepository) {
    this.#dependencies = dependencies;
    this.#repository = repository;
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
      const { number, state } = await this.#repository.getRow(batchId);
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

  /** The summary of the part that exists so far, with the present names of the connections. */
  async getSummary(batchId: string): Promise<PlanSummary> {
    const { summary } = await this.#repository.getRow(batchId);
    if (summary === null) return { connections: [], products: [], statuses: [], ages: [], amounts: [] };
    const { connections, ...rest } = JSON.parse(summary) as PartialPlanSummary;
    const connectionsById = new Map(
      this.#dependencies.connections.list().map((connection) => [connection.id, connection]),
    );
    return {
      ...rest,
      connections: connections.flatMap((count) => {
        const connection = connectionsById.get(count.connectionId);
        if (!connection) return [];
        const {
          name,
          environment,
          options: { provider },
        } = connection;
        return [{ ...count, name, environment, provider }];
      }),
    };
  }

  /**
   * Reads the outdated sessions of the plan from their providers in the background, then evaluates all its sessions
   * again. Throws batch_refused, refresh_refused, plan_changed or plan_expired.
   */
  refresh(batchId: string): Promise<RefreshState> {
    return this.#mutex.runExclusive(batchId, async () => {
      const row = await this.#repository.getRow(batchId);
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
        this.#repository.markChanged(batchId);
      });
      return state;
    });
  }

  async discard(batchId: string): Promise<void> {
    this.#cleanUp(
      await this.#repository.transition(batchId, 'discard', withEndedAt(), {
        action: 'batch_discarded',
        outcome: 'discarded',
      }),
    );
  }

  /** Returns the armed batch. Throws what `confirmPlan` throws; every refusal is recorded in the audit log. */
  confirm(input: ParsedInput<'batches.confirm'>): Promise<BatchRow> {
    const {
      batchId,
      reason: { category, note },
    } = input;
    return this.#mutex.runExclusive(batchId, async () => {
      try {
        const isRefreshing = this.#refreshIds.has(batchId);
        const row = await confirmPlan(this.#dependencies, this.#repository, input, {
          isRefreshing,
          signal: this.#shutdownController.signal,
        });
        this.#clearExpiryTimer(batchId);
        return row;
      } catch (error) {
        const code = isAppError(error) ? error.code : 'internal';
        const reason = { reasonCategory: category, reasonNote: note };
        const detail = { kind: 'code' as const, code };
        await this.#dependencies.store.run('appendAudit', { action: 'batch_declined', batchId, ...reason, detail });
        if (code === 'plan_expired') await this.#expire(batchId).catch(() => undefined);
        throw error;
      }
    });
  }

  /** After a start: discards incomplete plans and expires plans whose time is over. */
  async recover(): Promise<void> {
    const { store } = this.#dependencies;
    const audit: AuditEntry = { action: 'batch_discarded', outcome: 'interrupted' };
    for (const row of await store.run('openBatches', null)) {
      if (row.state === 'planning') await this.#repository.transition(row.id, 'interrupt', withEndedAt(), audit);
      else if (row.state === 'planned' && row.digest === null)
        await this.#repository.transition(row.id, 'discard', withEndedAt(), audit);
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
    const { store, getOperator, host } = this.#dependencies;
    const openBatches = await store.run('openBatches', null);
    if (openBatches.filter(({ state }) => state === 'planning' || state === 'planned').length >= maxOpenPlans) {
      const message = createMessage('batch.tooManyPlans', { limit: maxOpenPlans });
      throw new AppError('batch_refused', message, { retryable: true });
    }
    const row = await store.run('insertBatch', {
      id: crypto.randomUUID(),
      state: 'planning',
      origin: JSON.stringify(origin),
      operator: getOperator(),
      host,
      createdAt: new Date().toISOString(),
      plannedAt: null,
      confirmedAt: null,
      startedAt: null,
      endedAt: null,
      reasonCategory: null,
      reasonNote: null,
      digest: null,
      summary: null,
      sessions: 0,
      asked: 0,
    });
    const planningController = new AbortController();
    this.#planningControllers.set(row.id, planningController);
    const signal = AbortSignal.any([planningController.signal, this.#shutdownController.signal]);
    this.#tasks.run(() =>
      this.#buildPlan(row, origin, source, signal).finally(() => this.#planningControllers.delete(row.id)),
    );
    return await this.#repository.getBatch(row.id);
  }

  /** Never rejects: a plan that cannot be created is discarded, and the audit log records why. */
  async #buildPlan(row: BatchRow, origin: BatchOrigin, source: PlanSource, signal: AbortSignal): Promise<void> {
    const { store } = this.#dependencies;
    try {
      const snapshot = await createPlanSnapshot(
        this.#dependencies,
        row,
        source,
        () => this.#repository.markChanged(row.id),
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
      this.#scheduleExpiry(await this.#repository.transition(row.id, 'planned', changes, audit));
    } catch (error) {
      // The operator discarded the plan already, or the app is closing and the next start discards it.
      if (signal.aborted) return;
      const code = isAppError(error) ? error.code : 'internal';
      const discarded = this.#repository.transition(row.id, 'discard', withEndedAt(), {
        action: 'batch_discarded',
        outcome: 'failed',
        detail: { kind: 'code', code },
      });
      await discarded.then(
        () => this.#deleteItems(row.number),
        () => undefined,
      );
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
    const { store } = this.#dependencies;
    if (this.#shutdownController.signal.aborted) return;
    const row = await this.#repository.getRow(batchId);
    const from: ['planned'] = ['planned'];
    const { digest: storedDigest } = await computePlanDigest(store, row, this.#shutdownController.signal);
    if (row.state !== 'planned' || row.digest !== storedDigest) return this.#scheduleExpiry(row);
    if (!(await store.run('changeBatch', { id: batchId, from, changes: { digest: null }, audit: null }))) return;
    const snapshot = await reevaluatePlan(this.#dependencies, row, this.#shutdownController.signal);
    if (!snapshot) return;
    const { digest, eligible, summary } = snapshot;
    const changes = { plannedAt: new Date().toISOString(), digest, asked: eligible, summary: JSON.stringify(summary) };
    const audit: AuditEntry = {
      action: 'batch_refreshed',
      detail: toPlanDetail({ sessions: row.sessions, asked: eligible, digest }),
    };
    const changed = await store.run('changeBatch', { id: batchId, from, changes, audit });
    if (changed) this.#scheduleExpiry(changed);
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

  async #expire(batchId: string): Promise<void> {
    this.#cleanUp(
      await this.#repository.transition(batchId, 'expire', withEndedAt(), {
        action: 'batch_discarded',
        outcome: 'expired',
      }),
    );
  }

  #cleanUp({ id, number }: BatchRow): void {
    this.#clearExpiryTimer(id);
    this.#planningControllers.get(id)?.abort(new Error('The plan was discarded.'));
    const refreshId = this.#refreshIds.get(id);
    if (refreshId !== undefined) this.#tasks.run(async () => void (await this.#dependencies.refreshes.stop(refreshId)));
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

const withEndedAt = () => ({ endedAt: new Date().toISOString() });

function createRefusedError(
  messageKey: 'batch.retryRefused' | 'batch.refreshRefused',
  number: number,
  state: BatchRow['state'],
): AppError {
  const message = createMessage(messageKey, { number, state: createStateMessage(state) });
  return new AppError('batch_refused', message, { details: { state } });
}

const retryableStates = ['interrupted', 'called_off', 'stopped', 'finished'] as const;
