import { AppError, createMessage, type BatchIssue } from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { AuditEntry, BatchRow } from '../store/index.ts';
import type { BatchRepository, RunState } from './batch-repository.ts';
import { isConfirmedPlan } from './confirm-plan.ts';
import { createIssueFromError, toIssueDetail } from './circuit-breaker.ts';
import { computePlanDigest } from './plan-snapshot.ts';
import { ConnectionRunner } from './connection-runner.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';

/** Items that are marked as not sent in one write when a batch is stopped. */
const maxItemsPerWrite = 5_000;

/** The state of a confirmed batch that is in memory only. */
interface Run {
  readonly number: number;
  /** Set while the batch is armed. */
  pendingStart: { readonly startsAt: string; readonly timer: NodeJS.Timeout } | null;
  runners: readonly ConnectionRunner[];
  pauseController: AbortController;
  /** Queue of the work of this batch: resolves when all work that was enqueued so far has ended. */
  pendingWork: Promise<void>;
  issue: BatchIssue | null;
}

/** Starts, aborts, pauses, resumes and stops confirmed batches. */
export class Runs {
  readonly #dependencies: BatchesDependencies;
  readonly #repository: BatchRepository;
  readonly #runs = new Map<string, Run>();
  readonly #shutdownController = new AbortController();

  constructor(dependencies: BatchesDependencies, repository: BatchRepository) {
    this.#dependencies = dependencies;
    this.#repository = repository;
  }

  getRunState(batchId: string): RunState | null {
    const run = this.#runs.get(batchId);
    if (!run) return null;
    const connections = run.runners.map((runner) => runner.getState());
    const activeConnections = connections.filter(({ remaining, state }) => remaining > 0 && state !== 'paused');
    const seconds = activeConnections.map(
      ({ remaining, perSecond, allowedPerSecond, throttledSeconds }) =>
        remaining / (perSecond || allowedPerSecond) + throttledSeconds,
    );
    const isRunning = !run.pauseController.signal.aborted && run.pendingStart === null;
    return {
      startsAt: run.pendingStart?.startsAt ?? null,
      connections,
      issue: run.issue,
      perSecond: isRunning ? connections.reduce((sum, { perSecond }) => sum + perSecond, 0) : 0,
      remainingSeconds: isRunning && seconds.length > 0 ? Math.ceil(Math.max(...seconds)) : null,
    };
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
    this.#repository.markChanged(row.id);
  }

  async abort(batchId: string): Promise<void> {
    await this.#repository.transition(
      batchId,
      'abort',
      { endedAt: new Date().toISOString() },
      { action: 'batch_called_off' },
    );
    clearTimeout(this.#runs.get(batchId)?.pendingStart?.timer);
    await this.#abandonWaitingItems(batchId);
    this.#runs.delete(batchId);
    this.#repository.markChanged(batchId);
  }

  /** Requests in flight finish and are recorded. */
  async pause(batchId: string): Promise<void> {
    await this.#repository.transition(batchId, 'pause', {}, { action: 'batch_paused' });
    this.#runs.get(batchId)?.pauseController.abort();
  }

  /**
   * Continues a batch that was paused, interrupted, or halted by an error such as a full disk. Unresolved cancellations
   * are read back before anything is sent. Throws plan_changed if the items were altered while the batch was
   * interrupted.
   */
  async resume(batchId: string): Promise<void> {
    const row = await this.#repository.getRow(batchId);
    if (row.state === 'interrupted') await this.#assertPlanUnaltered(row);
    const run = this.#getOrCreateRun(row);
    // If the disk was too full to store the start or the pause, the row still has its earlier state.
    const isHalted = run.issue !== null && (row.state === 'running' || row.state === 'armed');
    if (!isHalted) await this.#repository.transition(batchId, 'resume', {}, { action: 'batch_resumed' });
    run.issue = null;
    this.#enqueueWork(batchId, run, () =>
      row.state === 'armed' ? this.#start(batchId) : this.#runConnections(batchId),
    );
  }

  async stop(batchId: string): Promise<void> {
    const row = await this.#repository.getRow(batchId);
    if (row.state === 'armed') return await this.abort(batchId);
    const run = this.#getOrCreateRun(row);
    await this.#repository.transition(batchId, 'stop', {}, null);
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
    for (const id of this.#runs.keys()) this.#repository.markChanged(id);
  }

  /** After a start: marks running batches as interrupted. They continue when the operator resumes them. */
  async recover(): Promise<void> {
    for (const { id, state } of await this.#dependencies.store.run('openBatches', null)) {
      if (state === 'planning' || state === 'planned' || state === 'interrupted') continue;
      await this.#repository.transition(
        id,
        'interrupt',
        {},
        { action: 'batch_interrupted', detail: { kind: 'batch_state', state } },
      );
    }
  }

  async publishInterrupted(): Promise<void> {
    for (const { id, state } of await this.#dependencies.store.run('openBatches', null))
      if (state === 'interrupted') this.#repository.markChanged(id);
  }

  /** Sends nothing new. `Cancellations.close` waits for the requests in flight and records them. */
  close(): Promise<void> {
    this.#shutdownController.abort();
    for (const run of this.#runs.values()) {
      clearTimeout(run.pendingStart?.timer);
      run.pauseController.abort();
    }
    return Promise.resolve();
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
      { startedAt: new Date().toISOString() },
      { action: 'batch_started' },
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
    const reason = { category: row.reasonCategory ?? '', note: row.reasonNote ?? '' };
    run.pauseController = pauseController;
    // `close` aborted only the controller before this one. Without a store, a runner would fail without end.
    if (this.#shutdownController.signal.aborted) pauseController.abort();
    run.runners = [...(await this.#countWaitingByConnection(row.number))].map(
      ([connectionId, waiting]) =>
        new ConnectionRunner(connectionId, waiting, {
          ...this.#dependencies,
          batch: row,
          reason,
          pauseSignal: pauseController.signal,
          onProgress: () => this.#repository.markChanged(batchId),
          pauseBatch: (issue) => this.#pauseForIssue(batchId, issue),
        }),
    );
    // The batch was paused or stopped during this preparation.
    if ((await this.#repository.getRow(batchId)).state !== 'running') pauseController.abort();
    await Promise.all(run.runners.map((runner) => runner.run()));
    if (!pauseController.signal.aborted || (await this.#isPausedAndDrained(row))) await this.#finish(batchId);
  }

  async #isPausedAndDrained({ id, number }: BatchRow): Promise<boolean> {
    if (this.#shutdownController.signal.aborted || (await this.#repository.getRow(id)).state !== 'paused') return false;
    // Items whose request was stopped by the pause wait as well.
    await this.#dependencies.store.run('reopenItems', number);
    return (await this.#countWaitingByConnection(number)).size === 0;
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
    const { outcomeCounts } = await this.#repository.getBatch(batchId);
    const detail = { kind: 'outcomes' as const, counts: outcomeCounts };
    const row = await this.#repository.getRow(batchId);
    const audit: AuditEntry = { action: row.state === 'stopping' ? 'batch_stopped' : 'batch_finished', detail };
    await this.#repository.transition(batchId, 'drained', { endedAt: new Date().toISOString() }, audit);
    this.#runs.delete(batchId);
  }

  async #abandonWaitingItems(batchId: string): Promise<void> {
    const { number } = await this.#repository.getRow(batchId);
    while (
      (await this.#dependencies.store.run('markItemsNotSent', { batchNumber: number, limit: maxItemsPerWrite })) > 0
    )
      this.#repository.markChanged(batchId);
  }

  async #countWaitingByConnection(number: number): Promise<Map<string, number>> {
    const waiting = new Map<string, number>();
    for (const { connectionId, outcome, items } of await this.#dependencies.store.run('batchCounts', [number])) {
      if (outcome === 'waiting') waiting.set(connectionId, (waiting.get(connectionId) ?? 0) + items);
    }
    return waiting;
  }

  /** Runs the work in the background after the earlier work of the batch. An error pauses the batch and is shown. */
  #enqueueWork(batchId: string, run: Run, work: () => Promise<void>): void {
    run.pendingWork = run.pendingWork.then(work).catch((error: unknown) => this.#pauseOnError(batchId, error));
  }

  #pauseOnError(batchId: string, error: unknown): void {
    this.#pauseForIssue(batchId, createIssueFromError(error, null));
  }

  #pauseForIssue(batchId: string, issue: BatchIssue): void {
    const run = this.#runs.get(batchId);
    if (this.#shutdownController.signal.aborted || !run || run.issue) return;
    run.issue = issue;
    run.pauseController.abort();
    this.#repository.markChanged(batchId);
    // If this write fails too, the issue is still shown, and a restart marks the batch as interrupted.
    void this.#repository
      .transition(batchId, 'pause', {}, { action: 'batch_paused', outcome: issue.action, detail: toIssueDetail(issue) })
      .catch(() => undefined);
  }

  #getOrCreateRun({ id, number }: BatchRow): Run {
    let run = this.#runs.get(id);
    if (!run) {
      const pauseController = new AbortController();
      pauseController.abort();
      run = { number, pendingStart: null, runners: [], pauseController, pendingWork: Promise.resolve(), issue: null };
      this.#runs.set(id, run);
    }
    return run;
  }
}
