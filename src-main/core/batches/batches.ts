import type { Batch, ParsedInput, PlanSummary } from '../../contract/index.ts';
import { BatchRepository } from './batch-repository.ts';
import { BatchPublisher, BatchViews, type ActiveRun, type BatchViewsDependencies } from './batch-view.ts';
import { Plans, type PlansDependencies } from './plans.ts';
import { Results, type ResultsDependencies } from './results.ts';
import { Runs, type RunsDependencies } from './runs.ts';

export type BatchesDependencies = BatchViewsDependencies &
  Omit<
    PlansDependencies & RunsDependencies & ResultsDependencies,
    'repository' | 'views' | 'publisher' | 'activeRuns' | 'runs'
  > & {
    onBatchChanged(batch: Batch): void;
  };

/** Bulk cancellation: plans, runs of confirmed plans, and the results of every session. */
export class Batches {
  readonly #views: BatchViews;
  readonly #publisher: BatchPublisher;
  readonly plans: Plans;
  readonly runs: Runs;
  readonly results: Results;

  constructor(dependencies: BatchesDependencies) {
    const activeRuns = new Map<string, ActiveRun>();
    const views = (this.#views = new BatchViews(dependencies, activeRuns));
    const publisher = (this.#publisher = new BatchPublisher(views, dependencies.onBatchChanged));
    const repository = new BatchRepository(dependencies.store, publisher);
    const services = { ...dependencies, views, publisher, repository, activeRuns };
    this.runs = new Runs(services);
    this.plans = new Plans({ ...services, runs: this.runs });
    this.results = new Results(services);
  }

  /** After a start: discards incomplete plans and marks running batches as interrupted. Sends nothing. */
  async recover(): Promise<void> {
    await this.plans.recover();
    await this.runs.recover();
  }

  /** Publishes the interrupted batches again: their cancellations have been read back after the start. */
  async publishInterrupted(): Promise<void> {
    await this.runs.publishInterrupted();
  }

  list(input: ParsedInput<'batches.list'>): Promise<{ rows: Batch[]; next: number | null }> {
    return this.#views.getPage(input);
  }

  get(batchId: string): Promise<Batch> {
    return this.#views.get(batchId);
  }

  getSummary(batchId: string): Promise<PlanSummary> {
    return this.#views.getSummary(batchId);
  }

  async discard(batchId: string): Promise<Batch> {
    await this.plans.discard(batchId);
    return await this.get(batchId);
  }

  async abort(batchId: string): Promise<Batch> {
    await this.runs.abort(batchId);
    return await this.get(batchId);
  }

  async pause(batchId: string): Promise<Batch> {
    await this.runs.pause(batchId);
    return await this.get(batchId);
  }

  async resume(batchId: string): Promise<Batch> {
    await this.runs.resume(batchId);
    return await this.get(batchId);
  }

  async stop(batchId: string): Promise<Batch> {
    await this.runs.stop(batchId);
    return await this.get(batchId);
  }

  async close(): Promise<void> {
    await this.plans.close();
    this.runs.close();
    await this.#publisher.close();
  }
}
