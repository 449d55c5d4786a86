import { AppError, createMessage, type CallOutput, type ParsedInput, type ExportState } from '../../contract/index.ts';
import type { BatchRepository } from './batch-repository.ts';
import type { BatchesDependencies } from './batches-dependencies.ts';
import { createResultsWriter, toExportedFilter } from './results-file.ts';

/** Items that are in memory at the same time. */
const maxItemsPerRead = 1_000;

/** Lists and exports the items of a batch. */
export class Results {
  readonly #dependencies: BatchesDependencies;
  readonly #repository: BatchRepository;

  constructor(dependencies: BatchesDependencies, repository: BatchRepository) {
    this.#dependencies = dependencies;
    this.#repository = repository;
  }

  /** A page of items in the order of the plan, with the number of items that match the filter. */
  async listItems({ batchId, ...page }: ParsedInput<'batches.items'>): Promise<CallOutput<'batches.items'>> {
    const { store } = this.#dependencies;
    const { number } = await this.#repository.getRow(batchId);
    const rows = await store.run('batchItemPage', { batchNumber: number, ...page });
    const total = await store.run('countItems', { batchNumber: number, filter: page.filter });
    return { rows, total, next: rows.length === page.limit ? (rows.at(-1)?.position ?? null) : null };
  }

  /**
   * Starts an export in the background and returns its state. A running batch is exported with its present outcomes.
   * Throws export_refused if no item matches.
   */
  async export({ batchId, filter, format, unmaskedIds }: ParsedInput<'batches.export'>): Promise<ExportState> {
    const { store, exportFiles } = this.#dependencies;
    exportFiles.assertCapacity();
    const { number } = await this.#repository.getRow(batchId);
    const total = await store.run('countItems', { batchNumber: number, filter });
    if (total === 0) throw new AppError('export_refused', createMessage('batch.exportEmpty'));
    const exported = { sessions: total, format, unmaskedIds, filter: JSON.stringify(toExportedFilter(filter)) };
    return await exportFiles.start({
      fileNamePrefix: `batch-${number}`,
      format,
      total,
      chunks: (signal) => this.#generateText({ batchId, filter, format, unmaskedIds }, number, signal),
      startAuditEntry: { action: 'batch_exported', batchId, outcome: 'begun', detail: { kind: 'export', ...exported } },
      createEndAuditEntry: (outcome, written) => ({
        action: 'batch_exported',
        batchId,
        outcome,
        detail: { kind: 'export_end', sessions: written },
      }),
    });
  }

  async *#generateText(
    { batchId, filter, format, unmaskedIds }: ParsedInput<'batches.export'>,
    number: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ text: string; rows: number }> {
    const { store, connections } = this.#dependencies;
    const writer = createResultsWriter(format, unmaskedIds, connections.list());
    yield { text: writer.header(number, batchId, filter), rows: 0 };
    let written = 0;
    for (let after = 0; ;) {
      const rows = await store.run(
        'batchItemPage',
        { batchNumber: number, filter, after, skip: 0, limit: maxItemsPerRead },
        signal,
      );
      yield { text: writer.rows(rows), rows: rows.length };
      written += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < maxItemsPerRead) break;
      after = last.position;
    }
    yield { text: writer.footer(await this.#repository.getBatch(batchId), written, store.auditHead), rows: 0 };
  }
}
