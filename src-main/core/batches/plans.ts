import {
  AppError,
  isAppError,
  retryableOutcomes,
  type Batch,
  type BatchOrigin,
  type ParsedInput,
  type PlanSummary,
  type RefreshState,
} from '../../contract/index.ts';
import type { AuditEntry, BatchRow, PlanSource, PartialPlanSummary } from '../store/index.ts';
import type { BatchRepository } from './batch-repository.ts';
import {
  confirmPlan,
  formatPlanCounts,
  createRefreshIncompleteError,
  createPlanExpiredError,
  getPlanExpiryMs,
} from './confirm-plan.ts';
import { computePlanDigest, createPlanSnapshot, reevaluatePlan } from './plan-snapshot.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { TaskTracker } from './task-tracker.ts';

/** Plans that can be open at the same time. */
const maxOpenPlans = 20;
/** Sessions of a spent plan taken out in one write. */
const maxItemsPerWrite = 1_000;

/** Plans: frozen, judged, refreshed, thrown away, and confirmed only where all that must hold does. */
export class Plans {
  readonly #dependencies: BatchesDependencies;
  readonly #repository: BatchRepository;
  readonly #shutdownController = new AbortController();
  /** By plan: what is breaking off its making. */
  readonly #planningControllers = new Map<string, AbortController>();
  /** By plan: the refresh that reads its sessions. It counts until they are judged. */
  readonly #refreshIds = new Map<string, string>();
  readonly #expiryTimers = new Map<string, NodeJS.Timeout>();
  /** By plan: confirmations, and what would change under them. */
  readonly #mutex = new KeyedMutex();
  readonly #tasks = new TaskTracker();

  constructor(dependencies: BatchesDependencies, repository: BatchRepository) {
    this.#dependencies = dependencies;
    this.#repository = repository;
  }

  /** Answers as it begins. Throws plan_empty, or batch_refused where enough plans are open. */
  createPlan(selection: ParsedInput<'batches.plan'>): Promise<Batch> {
    return this.#mutex.runExclusive('new', async () => {
      // The newest that matches now: what is tracked later is none of it.
      const [newest] = await this.#dependencies.store.run('selectedRows', {
        selection,
        belowKey: Number.MAX_SAFE_INTEGER,
        limit: 1,
      });
      if (!newest)
        throw new AppError(
          'plan_empty',
          'No session is chosen that is tracked in this workspace. Nothing was planned.',
        );
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

  /** Of a batch that has ended or was interrupted; sessions that are not tracked any more are left out. */
  createRetryPlan({ batchId, only }: ParsedInput<'batches.planRetry'>): Promise<Batch> {
    return this.#mutex.runExclusive('new', async () => {
      const { number, state } = await this.#repository.getRow(batchId);
      if (!retryableStates.some((retried) => retried === state)) {
        throw createRefusedError(number, state, 'its sessions can be planned again once it has ended');
      }
      const outcomes = retryableOutcomes[only];
      if (
        !(await this.#dependencies.store.run('batchCounts', [number])).some(({ outcome }) =>
          outcomes.some((each) => each === outcome),
        )
      ) {
        const none = only === 'failed' ? 'No session failed' : 'No outcome is unknown';
        throw new AppError('plan_empty', `${none} in batch ${number}. Nothing was planned.`);
      }
      return await this.#startPlanning(
        { kind: 'retry', of: batchId, only },
        { kind: 'items', batchNumber: number, outcomes },
      );
    });
  }

  /** As far as it is made; connections under the names they have now. */
  async getSummary(batchId: string): Promise<PlanSummary> {
    const { summary } = await this.#repository.getRow(batchId);
    if (summary === null) return { connections: [], products: [], statuses: [], ages: [], amounts: [] };
    const { connections, ...rest } = JSON.parse(summary) as PartialPlanSummary;
    const known = new Map(this.#dependencies.connections.list().map((connection) => [connection.id, connection]));
    return {
      ...rest,
      connections: connections.flatMap((tally) => {
        const connection = known.get(tally.connectionId);
        if (!connection) return [];
        const {
          name,
          environment,
          options: { provider },
        } = connection;
        return [{ ...tally, name, environment, provider }];
      }),
    };
  }

  /** Reads its stale sessions at their providers, in the background, then judges all of them anew. */
  refresh(batchId: string): Promise<RefreshState> {
    return this.#mutex.runExclusive(batchId, async () => {
      const row = await this.#repository.getRow(batchId);
      if (row.state !== 'planned') throw createRefusedError(row.number, row.state, 'only a plan can be refreshed');
      if (this.#refreshIds.has(batchId)) {
        throw new AppError('refresh_refused', 'This plan is being refreshed already. Wait for that, or stop it.', {
          retryable: true,
        });
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
        // What could not be judged keeps no digest, and the time it had.
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

  /** Answers with the armed batch. Throws what `confirmPlan` throws, with every refusal on record. */
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
        const detail = isAppError(error) ? error.code : 'internal';
        const reason = { reasonCategory: category, reasonNote: note };
        await this.#dependencies.store.run('appendAudit', { action: 'batch_declined', batchId, ...reason, detail });
        if (detail === 'plan_expired') await this.#expire(batchId).catch(() => undefined);
        throw error;
      }
    });
  }

  /** At a start: what a run before left half-made is thrown away, and what has expired meanwhile expires. */
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

  /** A plan that is being made, or judged anew, is found at the next start and thrown away. */
  async close(): Promise<void> {
    this.#shutdownController.abort(new AppError('workspace_unavailable', 'The console is closing.'));
    for (const timer of this.#expiryTimers.values()) clearTimeout(timer);
    for (const refreshId of this.#refreshIds.values())
      await this.#dependencies.refreshes.stop(refreshId).catch(() => undefined);
    await this.#tasks.waitUntilIdle();
    await this.#mutex.waitUntilIdle();
  }

  async #startPlanning(origin: BatchOrigin, source: PlanSource): Promise<Batch> {
    const { store, operator, host } = this.#dependencies;
    const open = await store.run('openBatches', null);
    if (open.filter(({ state }) => state === 'planning' || state === 'planned').length >= maxOpenPlans) {
      const message = `${maxOpenPlans} plans are open already. Confirm one, or throw one away, then plan again.`;
      throw new AppError('batch_refused', message, { retryable: true });
    }
    const row = await store.run('insertBatch', {
      id: crypto.randomUUID(),
      state: 'planning',
      origin: JSON.stringify(origin),
      operator,
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
    const making = new AbortController();
    this.#planningControllers.set(row.id, making);
    const signal = AbortSignal.any([making.signal, this.#shutdownController.signal]);
    this.#tasks.run(() =>
      this.#buildPlan(row, origin, source, signal).finally(() => this.#planningControllers.delete(row.id)),
    );
    return await this.#repository.getBatch(row.id);
  }

  /** Never rejects: a plan that cannot be made is thrown away, with the reason on record. */
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
        detail: `${formatPlanCounts({ sessions, asked: eligible, digest })}; ${row.origin}`,
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
      // Thrown away by the operator it is so already; cut off by the end of the console it is found at the next start.
      if (signal.aborted) return;
      const detail = isAppError(error) ? error.code : 'internal';
      const discarding = this.#repository.transition(row.id, 'discard', withEndedAt(), {
        action: 'batch_discarded',
        outcome: 'failed',
        detail,
      });
      await discarding.then(
        () => this.#deleteItems(row.number),
        () => undefined,
      );
    } finally {
      await store.run('clearSelection', row.number).catch(() => undefined);
    }
  }

  /**
   * Without a digest a plan cannot be confirmed: it has none from the first change of a session until the last. What was altered
   * in the file is not judged, for it would have a digest again then.
   */
  async #reevaluate(batchId: string): Promise<void> {
    const { store } = this.#dependencies;
    if (this.#shutdownController.signal.aborted) return;
    const row = await this.#repository.getRow(batchId);
    const from: ['planned'] = ['planned'];
    const { digest: found } = await computePlanDigest(store, row, this.#shutdownController.signal);
    if (row.state !== 'planned' || row.digest !== found) return this.#scheduleExpiry(row);
    if (!(await store.run('changeBatch', { id: batchId, from, changes: { digest: null }, audit: null }))) return;
    const judged = await reevaluatePlan(this.#dependencies, row, this.#shutdownController.signal);
    if (!judged) return;
    const { digest, eligible, summary } = judged;
    const changes = { plannedAt: new Date().toISOString(), digest, asked: eligible, summary: JSON.stringify(summary) };
    const audit: AuditEntry = {
      action: 'batch_refreshed',
      detail: formatPlanCounts({ sessions: row.sessions, asked: eligible, digest }),
    };
    const after = await store.run('changeBatch', { id: batchId, from, changes, audit });
    if (after) this.#scheduleExpiry(after);
  }

  #scheduleExpiry(row: BatchRow): void {
    this.#clearExpiryTimer(row.id);
    if (row.state !== 'planned') return;
    const timer = setTimeout(
      () =>
        this.#tasks.run(() =>
          this.#mutex.runExclusive(row.id, async () => {
            // While it is read again it stays, and has its time anew when it is judged.
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
    this.#planningControllers.get(id)?.abort(new Error('The plan was thrown away.'));
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

function createRefusedError(number: number, state: BatchRow['state'], when: string): AppError {
  return new AppError('batch_refused', `Batch ${number} is ${state.replaceAll('_', ' ')} now: ${when}.`, {
    details: { state },
  });
}

const retryableStates = ['interrupted', 'called_off', 'stopped', 'finished'] as const;
