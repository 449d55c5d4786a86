/** The sessions of one plan or batch that match a filter, read block by block as they scroll by. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { BatchItem, BatchItemFilter, CallError } from '../contract.ts';
import { useBatches } from './batches.ts';
import { blocksOf, blockSize, useBlocks } from './page-cache.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

/** While a batch runs its rows are read again this long after one of them changed. */
const settleMs = 1_500;

export const useBatchItems = defineStore('batch-items', () => {
  const host = useHost();
  const desk = useDesk();
  const batches = useBatches();
  const batchId = shallowRef<string | null>(null);
  const filter = shallowRef<Partial<BatchItemFilter>>({});
  const total = shallowRef<number | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const { at, has, set, replaceAll, find } = useBlocks<BatchItem>();
  let cursors = new Map<number, number>([[0, 0]]);
  let visible: readonly number[] = [0];
  let run = 0;
  const underWay = new Set<number>();

  async function page(block: number, from: Map<number, number>) {
    let start = block;
    while (!from.has(start)) start -= 1;
    const answer = await host.ask('batches.items', {
      batchId: batchId.value ?? '',
      filter: filter.value,
      after: from.get(start) ?? 0,
      skip: (block - start) * blockSize,
      limit: blockSize,
    });
    if (answer.ok && answer.value.next !== null) from.set(block + 1, answer.value.next);
    return answer;
  }

  /** Reads what is visible again and shows it all at once. */
  async function reload(): Promise<void> {
    const mine = ++run;
    const fresh = new Map<number, number>([[0, 0]]);
    const blocks = new Map<number, readonly BatchItem[]>();
    let matched = 0;
    for (const block of visible) {
      const answer = await page(block, fresh);
      if (mine !== run) return;
      failure.value = answer.ok ? null : answer.error;
      if (!answer.ok) return;
      blocks.set(block, answer.value.rows);
      matched = answer.value.total;
    }
    cursors = fresh;
    underWay.clear();
    replaceAll(blocks);
    total.value = matched;
  }

  async function show(id: string, next: Partial<BatchItemFilter>): Promise<void> {
    if (id !== batchId.value) total.value = null;
    batchId.value = id;
    filter.value = next;
    visible = [0];
    await reload();
  }

  async function need(first: number, last: number): Promise<void> {
    visible = blocksOf(first, last);
    const mine = run;
    for (const block of visible) {
      if (has(block) || underWay.has(block)) continue;
      underWay.add(block);
      const answer = await page(block, cursors);
      if (mine !== run) return;
      underWay.delete(block);
      if (answer.ok) set(block, answer.value.rows);
      else failure.value = answer.error;
    }
  }

  let settling: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => batches.byId.get(batchId.value ?? ''),
    (batch, before) => {
      if (!batch || !before || total.value === null) return;
      settling ??= setTimeout(() => {
        settling = undefined;
        if (batchId.value) void reload();
      }, settleMs);
    },
  );
  watch(
    () => desk.generation,
    () => {
      run += 1;
      batchId.value = null;
      total.value = null;
    },
  );

  return {
    batchId,
    filter,
    total,
    failure,
    at,
    show,
    need,
    reload,
    /** Nobody looks any more. */
    leave(): void {
      run += 1;
      batchId.value = null;
      total.value = null;
    },
    indexOf: (sessionKey: number): number => find((row) => row.sessionKey === sessionKey),
  };
});
