/** The sessions of one plan or batch that match a filter, read page by page while the operator scrolls. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { BatchItem, BatchItemFilter, CallOutput } from '../contract.ts';
import { useBatches } from './batches.ts';
import { pagesInRange, usePagedList } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

/** Delay between a change of a running batch and the next reload of its rows. */
const reloadDelayMs = 1_500;

export const useBatchItems = defineStore('batch-items', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const batches = useBatches();
  const batchId = shallowRef<string | null>(null);
  const filter = shallowRef<Partial<BatchItemFilter>>({});
  const total = shallowRef<number | null>(null);
  const list = usePagedList<BatchItem, number, null, CallOutput<'batches.items'>>(0, (_request, range) =>
    host.call('batches.items', { batchId: batchId.value ?? '', filter: filter.value, ...range }),
  );
  let visible: readonly number[] = [0];

  /** Reads the visible pages again and replaces them in one step. */
  async function reload(): Promise<void> {
    const answer = await list.read(null, visible);
    answer?.show();
    if (answer?.lastPage) total.value = answer.lastPage.total;
  }

  async function load(id: string, next: Partial<BatchItemFilter>): Promise<void> {
    if (id !== batchId.value) total.value = null;
    batchId.value = id;
    filter.value = next;
    visible = [0];
    await reload();
  }

  function reset(): void {
    list.startRequest();
    batchId.value = null;
    total.value = null;
  }

  let reloadTimer: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => batches.byId.get(batchId.value ?? ''),
    (batch, previous) => {
      if (!batch || !previous || total.value === null) return;
      reloadTimer ??= setTimeout(() => {
        reloadTimer = undefined;
        if (batchId.value) void reload();
      }, reloadDelayMs);
    },
  );
  watch(() => workspace.generation, reset);

  return {
    batchId,
    filter,
    total,
    failure: list.failure,
    itemAt: list.rowAt,
    load,
    ensureLoaded(first: number, last: number): Promise<void> {
      visible = pagesInRange(first, last);
      return list.ensureLoaded(null, first, last);
    },
    reload,
    /** For a view that closes. */
    reset,
    indexOf: (sessionKey: number): number => list.findIndex((row) => row.sessionKey === sessionKey),
  };
});
