import PQueue from 'p-queue';
import { AppError, createMessage } from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { AuditEntry, BatchRow } from '../store/index.ts';
import { createIssueFromError } from './batch-issues.ts';
import type { BatchRepository } from './batch-repository.ts';
import {
  countWaitingByConnection,
  createConnectionProgress,
  type ActiveRun,
  type BatchPublisher,
  type BatchViews,
} from './batch-view.ts';
import { isConfirmedPlan } from './confirm-plan.ts';
import { computePlanDigest } from './plan-snapshot.ts';
import { ConnectionRunner, haltBatch, type ConnectionRunnerDependencies } from './connection-runner.ts';

/** Items that are marked as not sent in one write when a batch is stopped. */
const maxItemsPerWrite = 5_000;

export interface RunsDependencies extends Omit<ConnectionRunnerDependencies, 'shutdownSignal'> {
  readonly views: BatchViews;
  /** By batch ID. */
  readonly activeRuns: Map<string, ActiveRun>;
  /** Whether the audit key of earlier runs is in the keychain, so that records of earlier runs can be verified. */
  readonly isAuditKeyStored: boolean;
  /** How long a confirmed batch waits before it starts; it can be aborted in that time. */
  readonly startDelayMs: number;
}

/** Starts, aborts, pauses, resumes and stops confirmed batches. */
export class Runs {
  readonly #dependencies: RunsDependencies & ConnectionRunnerDependencies;
  readonly #repository: BatchRepository;
  readonly #publisher: BatchPublisher;
  readonly #activeRuns: Map<string, ActiveRun>;
  readonly #shutdownController = new AbortController();

  constructor(dependencies: RunsDependencies) {
    ({ repository: this.#repository, publisher: this.#publisher, activeRuns: this.#activeRuns } = dependencies);
    this.#dependencies = { ...dependencies, shutdownSignal: this.#shutdownController.signal };
  }

  /** Starts the batch after the start delay. Until then it can be aborted. */
  scheduleStart(row: BatchRow): void {
    const run = this.#getOrCreateRun(row);
    const { startDelayMs } = this.#dependencies;
    const startsAt = new Date(Date.now() + startDelayMs).toISOString();
    const timer = setTimeout(() => {
      run.pendingStart = null;
      this.#enqueueWork(row.id, run, () => this.#start(row.id));
    }, startDelayMs);
    run.pendingStart = { startsAt, timer };
    this.#publisher.markChanged(row.id);
  }

  async abort(batchId: string): Promise<void> {
    await this.#repository.transition(batchId, 'abort', { action: 'batch_called_off' });
    clearTimeout(this.#activeRuns.get(batchId)?.pendingStart?.timer);
    await this.#abandonWaitingItems(batchId);
    this.#activeRuns.delete(batchId);
    this.#publisher.markChanged(batchId);
  }

  /** Requests in flight finish and are recorded. */
  async pause(batchId: string): Promise<void> {
    await this.#repository.transition(batchId, 'pause', { action: 'batch_paused' });
    this.#activeRuns.get(batchId)?.pauseController.abort();
  }

  /**
   * Continues a batch that was paused, interrupted, or halted by an error such as a full disk. Unresolved cancellations
   * are read back before anything is sent. Throws plan_changed if the items were altered while the batch was
   * interrupted.
   */
  async resume(batchId: string): Promise<void> {
    const row = await this.#getSettledRow(batchId);
    if (row.state === 'interrupted') await this.#assertPlanUnaltered(row);
    const run = this.#getOrCreateRun(row);
    // If the disk was too full to store the start or the pause, the row still has its earlier state.
    const isHalted = run.issue !== null && (row.state === 'running' || row.state === 'armed');
    if (!isHalted) await this.#repository.transition(batchId, 'resume', { action: 'batch_resumed' });
    run.issue = null;
    this.#enqueueWork(batchId, run, () =>
      row.state === 'armed' ? this.#start(batchId) : this.#runConnections(batchId),
    );
  }

  async stop(batchId: string): Promise<void> {
    const row = await this.#getSettledRow(batchId);
    if (row.state === 'armed') return await this.abort(batchId);
    const run = this.#getOrCreateRun(row);
    await this.#repository.transition(batchId, 'stop', null);
    run.pauseController.abort();
    this.#enqueueWork(batchId, run, () => this.#finish(batchId));
  }

  async resumeConnection(connectionId: string): Promise<void> {
    const connection = this.#dependencies.connections.get(connectionId);
    await this.#dependencies.store.run('appendAudit', {
      action: 'batch_connection_resumed',
      ...auditFields(connection),
    });
    this.#dependencies.circuitBreaker.reset(connectionId);
    for (const id of this.#activeRuns.keys()) this.#publisher.markChanged(id);
  }

  /** After a start: marks running batches as interrupted. They continue when the operator resumes them. */
  async recover(): Promise<void> {
    for (const { id, state } of await this.#dependencies.store.run('openBatches', null)) {
      if (state === 'planning' || state === 'planned' || state === 'interrupted') continue;
      await this.#repository.transition(id, 'interrupt', {
        action: 'batch_interrupted',
        detail: { kind: 'batch_state', state },
      });
    }
  }

  async publishInterrupted(): Promise<void> {
    for (const { id, state } of await this.#dependencies.store.run('openBatches', null))
      if (state === 'interrupted') this.#publisher.markChanged(id);
  }

  /** Sends nothing new. `Cancellations.close` waits for the requests in flight and records them. */
  close(): void {
    this.#shutdownController.abort();
    for (const run of this.#activeRuns.values()) {
      clearTimeout(run.pendingStart?.timer);
      run.pauseController.abort();
    }
  }

  /**
   * The database file may have been changed while the app was closed, so the items are compared with the confirmed
   * plan, and the plan with the record of its confirmation: whoever changes both the items and their digest has no key
   * for the MAC of the record.
   */
  async #assertPlanUnaltered(row: BatchRow): Promise<void> {
    const { store, isAuditKeyStored } = this.#dependencies;
    const { number } = row;
    const stored = await computePlanDigest(store, row, this.#shutdownController.signal);
    const confirmation = await store.run('batchConfirmation', row.id);
    const isUnchanged =
      stored.digest === row.digest && stored.eligible === row.asked && stored.sessions === row.sessions;
    const isAsRecorded = isConfirmedPlan(row, confirmation?.plan ?? null) && confirmation?.macStatus !== 'invalid';
    const isProven = confirmation?.macStatus === 'valid' || !isAuditKeyStored;
    if (isUnchanged && isAsRecorded && isProven) return;
    await store.run('appendAudit', {
      action: 'batch_declined',
      batchId: row.id,
      detail: { kind: 'code', code: 'plan_changed' },
    });
    if (isUnchanged && isAsRecorded)
      throw new AppError('plan_changed', createMessage('batch.confirmationUnproven', { number }));
    throw new AppError('plan_changed', createMessage('batch.batchAltered', { number }), {
      details: { tampered: true },
    });
  }

  async #start(batchId: string): Promise<void> {
    await this.#repository.transition(
      batchId,
      'start',
      { action: 'batch_started' },
      { startedAt: new Date().toISOString() },
    );
    await this.#runConnections(batchId);
  }

  /** Runs a `ConnectionRunner` for each connection with waiting items, until no item waits or the batch is paused. */
  async #runConnections(batchId: string): Promise<void> {
    const { store, cancellations } = this.#dependencies;
    const row = await this.#repository.getRow(batchId);
    // The batch was paused or stopped before this work started.
    if (row.state !== 'running') return;
    const run = this.#getOrCreateRun(row);
    const unresolved = await store.run('unresolvedCancellationsOfBatch', row.number);
    // Sessions that could not be read after the start are read again. Those that stay unknown need a retry plan.
    if (unresolved.length > 0) await cancellations.readBack(unresolved);
    await store.run('reopenItems', row.number);
    const pauseController = new AbortController();
    run.pauseController = pauseController;
    // `close` aborted only the controller before this one. Without a store, a runner would fail without end.
    if (this.#shutdownController.signal.aborted) pauseController.abort();
    run.connections = Object.entries(await this.#countWaiting(row.number)).map(([connectionId, waiting]) =>
      createConnectionProgress(connectionId, waiting ?? 0),
    );
    const runners = run.connections.map((progress) => new ConnectionRunner(this.#dependencies, { row, run }, progress));
    // The batch was paused or stopped during this preparation.
    if ((await this.#repository.getRow(batchId)).state !== 'running') pauseController.abort();
    await Promise.all(runners.map((runner) => runner.run()));
    if (!pauseController.signal.aborted || (await this.#isPausedAndDrained(row))) await this.#finish(batchId);
  }

  async #isPausedAndDrained({ id, number }: BatchRow): Promise<boolean> {
    if (this.#shutdownController.signal.aborted || (await this.#repository.getRow(id)).state !== 'paused') return false;
    // Items whose request was stopped by the pause wait as well.
    await this.#dependencies.store.run('reopenItems', number);
    return Object.keys(await this.#countWaiting(number)).length === 0;
  }

  /** Ends the batch: afterwards every item has an outcome. */
  async #finish(batchId: string): Promise<void> {
    if (this.#shutdownController.signal.aborted) return;
    const { store, cancellations } = this.#dependencies;
    const { number } = await this.#repository.getRow(batchId);
    // A crash or a full disk interrupted these cancellations, and the batch was stopped without a resume.
    const interrupted = (await store.run('unresolvedCancellationsOfBatch', number)).filter(
      ({ state }) => state !== 'unknown',
    );
    if (interrupted.length > 0) await cancellations.readBack(interrupted);
    await this.#abandonWaitingItems(batchId);
    const { outcomeCounts } = await this.#dependencies.views.get(batchId);
    const detail = { kind: 'outcomes' as const, counts: outcomeCounts };
    const row = await this.#repository.getRow(batchId);
    const audit: AuditEntry = { action: row.state === 'stopping' ? 'batch_stopped' : 'batch_finished', detail };
    await this.#repository.transition(batchId, 'drained', audit);
    this.#activeRuns.delete(batchId);
  }

  async #abandonWaitingItems(batchId: string): Promise<void> {
    const { number } = await this.#repository.getRow(batchId);
    while (
      (await this.#dependencies.store.run('markItemsNotSent', { batchNumber: number, limit: maxItemsPerWrite })) > 0
    )
      this.#publisher.markChanged(batchId);
  }

  async #countWaiting(number: number) {
    return countWaitingByConnection(await this.#dependencies.store.run('batchCounts', [number]));
  }

  /** Runs the work in the background after the earlier work of the batch. An error pauses the batch and is shown. */
  #enqueueWork(batchId: string, run: ActiveRun, work: () => Promise<void>): void {
    void run.queue.add(() =>
      work().catch((error: unknown) => haltBatch(this.#dependencies, batchId, run, createIssueFromError(error, null))),
    );
  }

  /** The row after the pause by an error is stored: a resume would otherwise be followed by that pause. */
  async #getSettledRow(batchId: string): Promise<BatchRow> {
    await this.#activeRuns.get(batchId)?.pauseStored;
    return await this.#repository.getRow(batchId);
  }

  #getOrCreateRun({ id }: BatchRow): ActiveRun {
    let run = this.#activeRuns.get(id);
    if (!run) {
      const pauseController = new AbortController();
      pauseController.abort();
      const queue = new PQueue({ concurrency: 1 });
      const pauseStored = Promise.resolve();
      run = { pendingStart: null, connections: [], pauseController, queue, issue: null, pauseStored };
      this.#activeRuns.set(id, run);
    }
    return run;
  }
}
