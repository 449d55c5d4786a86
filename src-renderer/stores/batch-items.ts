/** The sessions of one plan or batch that match a filter, read block by block as they scroll by. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { BatchItem, BatchItemFilter, CallError } from '../contract.ts';
import { useBatches } from './batches.ts';
import { pagesInRange, pageSize, usePageCache } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

/** While a batch runs its rows are read again this long after one of them changed. */
const reloadDelayMs = 1_500;

export const useBatchItems = defineStore('batch-items', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const batches = useBatches();
  const batchId = shallowRef<string | null>(null);
  const filter = shallowRef<Partial<BatchItemFilter>>({});
  const total = shallowRef<number | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const { rowAt: itemAt, hasPage, setPage, replaceAll, findIndex } = usePageCache<BatchItem>();
  let cursors = new Map<number, number>([[0, 0]]);
  let visible: readonly number[] = [0];
  let requestId = 0;
  const pendingPages = new Set<number>();

  async function fetchPage(block: number, from: Map<number, number>) {
    let start = block;
    while (!from.has(start)) start -= 1;
    const answer = await host.call('batches.items', {
      batchId: batchId.value ?? '',
      filter: filter.value,
      after: from.get(start) ?? 0,
      skip: (block - start) * pageSize,
      limit: pageSize,
    });
    if (answer.ok && answer.value.next !== null) from.set(block + 1, answer.value.next);
    return answer;
  }

  /** Reads what is visible again and shows it all at once. */
  async function reload(): Promise<void> {
    const mine = ++requestId;
    const fresh = new Map<number, number>([[0, 0]]);
    const blocks = new Map<number, readonly BatchItem[]>();
    let matched = 0;
    for (const block of visible) {
      const answer = await fetchPage(block, fresh);
      if (mine !== requestId) return;
      failure.value = answer.ok ? null : answer.error;
      if (!answer.ok) return;
      blocks.set(block, answer.value.rows);
      matched = answer.value.total;
    }
    cursors = fresh;
    pendingPages.clear();
    replaceAll(blocks);
    total.value = matched;
  }

  async function load(id: string, next: Partial<BatchItemFilter>): Promise<void> {
    if (id !== batchId.value) total.value = null;
    batchId.value = id;
    filter.value = next;
    visible = [0];
    await reload();
  }

  async function ensureLoaded(first: number, last: number): Promise<void> {
    visible = pagesInRange(first, last);
    const mine = requestId;
    for (const block of visible) {
      if (hasPage(block) || pendingPages.has(block)) continue;
      pendingPages.add(block);
      const answer = await fetchPage(block, cursors);
      if (mine !== requestId) return;
      pendingPages.delete(block);
      if (answer.ok) setPage(block, answer.value.rows);
      else failure.value = answer.error;
    }
  }

  let reloadTimer: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => batches.byId.get(batchId.value ?? ''),
    (batch, before) => {
      if (!batch || !before || total.value === null) return;
      reloadTimer ??= setTimeout(() => {
        reloadTimer = undefined;
        if (batchId.value) void reload();
      }, reloadDelayMs);
    },
  );
  watch(
    () => workspace.generation,
    () => {
      requestId += 1;
      batchId.value = null;
      total.value = null;
    },
  );

  return {
    batchId,
    filter,
    total,
    failure,
    itemAt,
    load,
    ensureLoaded,
    reload,
    /** Nobody looks any more. */
    reset(): void {
      requestId += 1;
      batchId.value = null;
      total.value = null;
    },
    indexOf: (sessionKey: number): number => findIndex((row) => row.sessionKey === sessionKey),
  };
});
