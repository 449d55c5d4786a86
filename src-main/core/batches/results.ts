import { DeskError, type CallOutput, type CheckedInput, type ExportState } from '../../contract/index.ts';
import type { Books } from './batch-repository.ts';
import type { BatchesParts } from './batches-dependencies.ts';
import { writerOf } from './results-file.ts';

/** Items in memory at once. */
const sliceItems = 1_000;

/** What became of the sessions of a batch. */
export class Results {
  readonly #parts: BatchesParts;
  readonly #books: Books;

  constructor(parts: BatchesParts, books: Books) {
    this.#parts = parts;
    this.#books = books;
  }

  /** In the order of the plan. */
  async items({ batchId, ...page }: CheckedInput<'batches.items'>): Promise<CallOutput<'batches.items'>> {
    const { store } = this.#parts;
    const { number } = await this.#books.row(batchId);
    const rows = await store.run('batchItemPage', { batchNumber: number, ...page });
    const total = await store.run('countItems', { batchNumber: number, filter: page.filter });
    return { rows, total, next: rows.length === page.limit ? (rows.at(-1)?.position ?? null) : null };
  }

  /** Begins and answers at once; a batch that still runs is written as it stands. Throws export_refused where nothing matches. */
  async export({ batchId, filter, format, wholeIds }: CheckedInput<'batches.export'>): Promise<ExportState> {
    const { store, files } = this.#parts;
    files.refuseIfBusy();
    const { number } = await this.#books.row(batchId);
    const total = await store.run('countItems', { batchNumber: number, filter });
    if (total === 0) throw new DeskError('export_refused', 'No session of this batch matches. Nothing was written.');
    const ids = wholeIds ? 'whole ids' : 'masked ids';
    const detail = `${total} sessions of batch ${number}, ${format}, ${ids}, filter ${JSON.stringify(filter)}`;
    return await files.start({
      name: `batch-${number}`,
      format,
      total,
      text: (signal) => this.#text({ batchId, filter, format, wholeIds }, number, signal),
      begun: { action: 'batch_exported', batchId, outcome: 'begun', detail },
      ended: (outcome, written) => ({ action: 'batch_exported', batchId, outcome, detail: `${written} sessions` }),
    });
  }

  async *#text(
    { batchId, filter, format, wholeIds }: CheckedInput<'batches.export'>,
    number: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ text: string; rows: number }> {
    const { store, connections } = this.#parts;
    const writer = writerOf(format, wholeIds, connections.list());
    yield { text: writer.opening(number, batchId, filter), rows: 0 };
    let written = 0;
    for (let after = 0; ;) {
      const rows = await store.run(
        'batchItemPage',
        { batchNumber: number, filter, after, skip: 0, limit: sliceItems },
        signal,
      );
      yield { text: writer.items(rows), rows: rows.length };
      written += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < sliceItems) break;
      after = last.position;
    }
    yield { text: writer.ending(await this.#books.view(batchId), written, store.auditHead), rows: 0 };
  }
}
