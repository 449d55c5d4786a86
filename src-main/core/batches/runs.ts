import { AppError, type BatchIssue } from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { AuditEntry, BatchRow } from '../store/index.ts';
import type { BatchRepository, RunState } from './batch-repository.ts';
import { createIssueFromError } from './circuit-breaker.ts';
import { computePlanDigest } from './plan-snapshot.ts';
import { ConnectionRunner } from './connection-runner.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';

/** Items given up at a stretch when a batch is stopped. */
const maxItemsPerWrite = 5_000;

/** What the running console has of a batch beyond its row. */
interface Run {
  readonly number: number;
  /** Set while it is armed. */
  pendingStart: { readonly startsAt: string; readonly timer: NodeJS.Timeout } | null;
  runners: readonly ConnectionRunner[];
  pauseController: AbortController;
  /** What it does, one after the other: resolves when nothing of it is under way, nor about to be. */
  pendingWork: Promise<void>;
  issue: BatchIssue | null;
}

/** Batches under way: armed, run, paused, stopped, and gone on with after a restart when the operator says so. */
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
    const moving = connections.filter(({ remaining, state }) => remaining > 0 && state !== 'paused');
    const seconds = moving.map(
      ({ remaining, perSecond, allowedPerSecond, throttledSeconds }) =>
        remaining / (perSecond || allowedPerSecond) + throttledSeconds,
    );
    const runs = !run.pauseController.signal.aborted && run.pendingStart === null;
    return {
      startsAt: run.pendingStart?.startsAt ?? null,
      connections,
      issue: run.issue,
      perSecond: runs ? connections.reduce((sum, { perSecond }) => sum + perSecond, 0) : 0,
      remainingSeconds: runs && seconds.length > 0 ? Math.ceil(Math.max(...seconds)) : null,
    };
  }

  /** Begins the seconds in which it can be called off. */
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

  async callOff(batchId: string): Promise<void> {
    await this.#repository.transition(
      batchId,
      'call_off',
      { endedAt: new Date().toISOString() },
      { action: 'batch_called_off' },
    );
    clearTimeout(this.#runs.get(batchId)?.pendingStart?.timer);
    await this.#abandonWaitingItems(batchId);
    this.#runs.delete(batchId);
    this.#repository.markChanged(batchId);
  }

  /** What is under way is finished and recorded. */
  async pause(batchId: string): Promise<void> {
    await this.#repository.transition(batchId, 'pause', {}, { action: 'batch_paused' });
    this.#runs.get(batchId)?.pauseController.abort();
  }

  /** Goes on, also with what a cut or a full disk left behind: what is not known is read back before anything is sent. */
  async resume(batchId: string): Promise<void> {
    const row = await this.#repository.getRow(batchId);
    if (row.state === 'interrupted') await this.#assertPlanUnaltered(row);
    const run = this.#getOrCreateRun(row);
    // A disk too full for the start or for the pause itself left the row as it was.
    const isHalted = run.issue !== null && (row.state === 'running' || row.state === 'armed');
    if (!isHalted) await this.#repository.transition(batchId, 'resume', {}, { action: 'batch_resumed' });
    run.issue = null;
    this.#enqueueWork(batchId, run, () =>
      row.state === 'armed' ? this.#start(batchId) : this.#runConnections(batchId),
    );
  }

  async stop(batchId: string): Promise<void> {
    const row = await this.#repository.getRow(batchId);
    if (row.state === 'armed') return await this.callOff(batchId);
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

  /** At a start: what was under way is interrupted. It goes on when the operator says so. */
  async recover(): Promise<void> {
    for (const { id, state } of await this.#dependencies.store.run('openBatches', null)) {
      if (state === 'planning' || state === 'planned' || state === 'interrupted') continue;
      await this.#repository.transition(id, 'interrupt', {}, { action: 'batch_interrupted', detail: state });
    }
  }

  /** Sends nothing new. What is under way is recorded by whoever closes the cancellations. */
  close(): Promise<void> {
    this.#shutdownController.abort();
    for (const run of this.#runs.values()) {
      clearTimeout(run.pendingStart?.timer);
      run.pauseController.abort();
    }
    return Promise.resolve();
  }

  /** While nobody ran, the file lay open to whoever may write it: it must still hold the plan that was confirmed. */
  async #assertPlanUnaltered(row: BatchRow): Promise<void> {
    const found = await computePlanDigest(this.#dependencies.store, row, this.#shutdownController.signal);
    if (found.digest === row.digest && found.eligible === row.asked && found.sessions === row.sessions) return;
    await this.#dependencies.store.run('appendAudit', {
      action: 'batch_declined',
      batchId: row.id,
      detail: 'plan_changed',
    });
    throw new AppError(
      'plan_changed',
      `The sessions of batch ${row.number} in the file are not those that were confirmed: they have been altered. ` +
        'Nothing more is sent for it. Stop it, and verify the audit log.',
      { details: { tampered: true } },
    );
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

  /** One lane for each connection with sessions that wait, till nothing waits or the gate is closed. */
  async #runConnections(batchId: string): Promise<void> {
    const { store, cancellations } = this.#dependencies;
    const row = await this.#repository.getRow(batchId);
    // Paused or stopped before its turn came.
    if (row.state !== 'running') return;
    const run = this.#getOrCreateRun(row);
    const unsettled = await store.run('unresolvedCancellationsOfBatch', row.number);
    // Those that nobody could read at the start are tried again; what stays unknown is left for a plan of its own.
    if (unsettled.length > 0) await cancellations.readBack(unsettled);
    await store.run('reopenItems', row.number);
    const gate = new AbortController();
    const reason = { category: row.reasonCategory ?? '', note: row.reasonNote ?? '' };
    run.pauseController = gate;
    run.runners = [...(await this.#countWaitingByConnection(row.number))].map(
      ([connectionId, left]) =>
        new ConnectionRunner(connectionId, left, {
          ...this.#dependencies,
          batch: row,
          reason,
          pauseSignal: gate.signal,
          onProgress: () => this.#repository.markChanged(batchId),
          pauseBatch: (issue) => this.#pauseForIssue(batchId, issue),
        }),
    );
    // Paused or stopped while this was being made ready.
    if ((await this.#repository.getRow(batchId)).state !== 'running') gate.abort();
    await Promise.all(run.runners.map((runner) => runner.run()));
    if (!gate.signal.aborted || (await this.#isPausedAndDrained(row))) await this.#finish(batchId);
  }

  async #isPausedAndDrained({ id, number }: BatchRow): Promise<boolean> {
    if (this.#shutdownController.signal.aborted || (await this.#repository.getRow(id)).state !== 'paused') return false;
    // What the pause itself turned back waits as well.
    await this.#dependencies.store.run('reopenItems', number);
    return (await this.#countWaitingByConnection(number)).size === 0;
  }

  /** Every session has an outcome from here on. */
  async #finish(batchId: string): Promise<void> {
    if (this.#shutdownController.signal.aborted) return;
    const { store, cancellations } = this.#dependencies;
    const { number } = await this.#repository.getRow(batchId);
    // Cut off by a kill, or by a full disk, and stopped without having gone on.
    const cutOff = (await store.run('unresolvedCancellationsOfBatch', number)).filter(
      ({ state }) => state !== 'unknown',
    );
    if (cutOff.length > 0) await cancellations.readBack(cutOff);
    await this.#abandonWaitingItems(batchId);
    const { outcomeCounts } = await this.#repository.getBatch(batchId);
    const detail = Object.entries(outcomeCounts)
      .map(([outcome, items]) => `${outcome} ${items}`)
      .join(', ');
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

  /** In the background, after what it was doing; what goes wrong there stops the batch and is shown. */
  #enqueueWork(batchId: string, run: Run, work: () => Promise<void>): void {
    run.pendingWork = run.pendingWork.then(work).catch((error: unknown) => this.#pauseOnError(batchId, error));
  }

  #pauseOnError(batchId: string, error: unknown): void {
    this.#pauseForIssue(batchId, createIssueFromError(error, { name: 'This batch' }));
  }

  #pauseForIssue(batchId: string, issue: BatchIssue): void {
    const run = this.#runs.get(batchId);
    if (this.#shutdownController.signal.aborted || !run || run.issue) return;
    run.issue = issue;
    run.pauseController.abort();
    this.#repository.markChanged(batchId);
    // Where even this cannot be written, the trouble is shown all the same, and a restart finds it interrupted.
    void this.#repository
      .transition(batchId, 'pause', {}, { action: 'batch_paused', outcome: issue.action, detail: issue.message })
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
