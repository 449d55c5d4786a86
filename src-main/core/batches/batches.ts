import type { Batch, ParsedInput } from '../../contract/index.ts';
import { BatchRepository } from './batch-repository.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';
import { Plans } from './plans.ts';
import { Results } from './results.ts';
import { Runs } from './runs.ts';

/** Bulk cancellation: plans, runs of confirmed plans, and the results of every session. */
export class Batches {
  readonly #repository: BatchRepository;
  readonly plans: Plans;
  readonly runs: Runs;
  readonly results: Results;

  constructor(dependencies: BatchesDependencies) {
    const { store, connections, rateLimiter, onBatchChanged } = dependencies;
    this.#repository = new BatchRepository({
      store,
      connections,
      rateLimiter,
      onBatchChanged,
      getTypedCountThreshold: dependencies.getTypedCountThreshold,
      getRunState: (batchId) => this.runs.getRunState(batchId),
    });
    this.plans = new Plans(dependencies, this.#repository);
    this.runs = new Runs(dependencies, this.#repository);
    this.results = new Results(dependencies, this.#repository);
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
    return this.#repository.getPage(input);
  }

  get(batchId: string): Promise<Batch> {
    return this.#repository.getBatch(batchId);
  }

  async confirm(input: ParsedInput<'batches.confirm'>): Promise<Batch> {
    const row = await this.plans.confirm(input);
    this.runs.scheduleStart(row);
    return await this.get(row.id);
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
    await this.runs.close();
    await this.#repository.close();
  }
}
