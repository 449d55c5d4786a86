import type { Batch } from '../../contract/index.ts';
import { TaskTracker, throttle } from '../async/index.ts';
import type { BatchViews } from './batch-view.ts';

/** A changed batch is published at most this long after the change. */
const publishDelayMs = 100;

/** Publishes the views of changed batches. */
export class BatchPublisher {
  readonly #views: Pick<BatchViews, 'get'>;
  readonly #onBatchChanged: (batch: Batch) => void;
  readonly #changedBatchIds = new Set<string>();
  readonly #tasks = new TaskTracker();
  readonly #schedulePublish = throttle(() => this.#tasks.run(() => this.#publish()), publishDelayMs, {
    isLeading: false,
  });

  constructor(views: Pick<BatchViews, 'get'>, onBatchChanged: (batch: Batch) => void) {
    this.#views = views;
    this.#onBatchChanged = onBatchChanged;
  }

  /** Publishes the view of the batch within 100 ms; several changes in that time are published once. */
  markChanged(batchId: string): void {
    this.#changedBatchIds.add(batchId);
    this.#schedulePublish();
  }

  async close(): Promise<void> {
    this.#schedulePublish.cancel();
    await this.#tasks.waitUntilIdle();
  }

  async #publish(): Promise<void> {
    const ids = [...this.#changedBatchIds];
    this.#changedBatchIds.clear();
    for (const id of ids) {
      // Reading fails if the store was closed in the meantime; then nothing is published.
      const batch = await this.#views.get(id).catch(() => null);
      if (batch) this.#onBatchChanged(batch);
    }
  }
}
