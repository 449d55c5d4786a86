import type { Batch, CheckedInput } from '../../contract/index.ts';
import { Books } from './batch-repository.ts';
import type { BatchesParts } from './batches-dependencies.ts';
import { Plans } from './plans.ts';
import { Results } from './results.ts';
import { Runs } from './runs.ts';

/** Bulk cancellation: from a selection to a plan, from a confirmed plan to a run, and what became of every session. */
export class Batches {
  readonly #books: Books;
  readonly plans: Plans;
  readonly runs: Runs;
  readonly results: Results;

  constructor(parts: BatchesParts) {
    const { store, connections, pace, changed } = parts;
    this.#books = new Books({
      store,
      connections,
      pace,
      changed,
      countAbove: parts.countAbove,
      live: (batchId) => this.runs.live(batchId),
    });
    this.plans = new Plans(parts, this.#books);
    this.runs = new Runs(parts, this.#books);
    this.results = new Results(parts, this.#books);
  }

  /** What a run before left behind: half-made plans are discarded, batches under way interrupted. Sends nothing. */
  async recover(): Promise<void> {
    await this.plans.recover();
    await this.runs.recover();
  }

  list(input: CheckedInput<'batches.list'>): Promise<{ rows: Batch[]; next: number | null }> {
    return this.#books.page(input);
  }

  get(batchId: string): Promise<Batch> {
    return this.#books.view(batchId);
  }

  async confirm(input: CheckedInput<'batches.confirm'>): Promise<Batch> {
    const row = await this.plans.confirm(input);
    this.runs.arm(row);
    return await this.get(row.id);
  }

  async discard(batchId: string): Promise<Batch> {
    await this.plans.discard(batchId);
    return await this.get(batchId);
  }

  async callOff(batchId: string): Promise<Batch> {
    await this.runs.callOff(batchId);
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
    await this.#books.close();
  }
}
