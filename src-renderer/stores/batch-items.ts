/** The sessions of one plan or batch that match a filter, read page by page while the operator scrolls. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { BatchItem, BatchItemFilter, CallError } from '../contract.ts';
import { useBatches } from './batches.ts';
import { pagesInRange, pageSize, usePageCache } from './page-cache.ts';
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
  const failure = shallowRef<CallError | null>(null);
  const { rowAt: itemAt, hasPage, setPage, replaceAll, findIndex } = usePageCache<BatchItem>();
  let cursors = new Map<number, number>([[0, 0]]);
  let visible: readonly number[] = [0];
  let requestId = 0;
  const pendingPages = new Set<number>();

  /** `pageCursors` holds the cursor before each known page. The next one is added to it. */
  async function fetchPage(pageIndex: number, pageCursors: Map<number, number>) {
    let start = pageIndex;
    while (!pageCursors.has(start)) start -= 1;
    const result = await host.call('batches.items', {
      batchId: batchId.value ?? '',
      filter: filter.value,
      after: pageCursors.get(start) ?? 0,
      skip: (pageIndex - start) * pageSize,
      limit: pageSize,
    });
    if (result.ok && result.value.next !== null) pageCursors.set(pageIndex + 1, result.value.next);
    return result;
  }

  /** Reads the visible pages again and replaces them in one step. */
  async function reload(): Promise<void> {
    const currentRequest = ++requestId;
    const nextCursors = new Map<number, number>([[0, 0]]);
    const pages = new Map<number, readonly BatchItem[]>();
    let matchCount = 0;
    for (const pageIndex of visible) {
      const result = await fetchPage(pageIndex, nextCursors);
      if (currentRequest !== requestId) return;
      failure.value = result.ok ? null : result.error;
      if (!result.ok) return;
      pages.set(pageIndex, result.value.rows);
      matchCount = result.value.total;
    }
    cursors = nextCursors;
    pendingPages.clear();
    replaceAll(pages);
    total.value = matchCount;
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
    const currentRequest = requestId;
    for (const pageIndex of visible) {
      if (hasPage(pageIndex) || pendingPages.has(pageIndex)) continue;
      pendingPages.add(pageIndex);
      const result = await fetchPage(pageIndex, cursors);
      if (currentRequest !== requestId) return;
      pendingPages.delete(pageIndex);
      if (result.ok) setPage(pageIndex, result.value.rows);
      else failure.value = result.error;
    }
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
    /** For a view that closes. */
    reset(): void {
      requestId += 1;
      batchId.value = null;
      total.value = null;
    },
    indexOf: (sessionKey: number): number => findIndex((row) => row.sessionKey === sessionKey),
  };
});
