/**
 * Plans and batches: the history, newest first, and every batch that a view has opened. Events keep them up to date.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, triggerRef, watch } from 'vue';
import type { Batch, BatchItem, BatchItemFilter, BatchState, CallError, CallInput, CallOutput } from '../contract.ts';
import { pagesInRange, usePagedList } from './page-cache.ts';
import { useWorkspace, useWorkspaceState } from './workspace.ts';
import { afterSuccess, errorOf, useHost } from './host.ts';

const pageSize = 100;
const activeStates: readonly BatchState[] = ['armed', 'running', 'paused', 'stopping'];

/** The progress of a batch at one instant, for the chart of the last five minutes. */
export interface ProgressSample {
  readonly sampledAt: number;
  readonly outcomes: Batch['outcomeCounts'];
}
export const sampleIntervalMs = 2_000;
/** Five minutes of samples. */
export const maxSamples = 151;

type BatchCommand = 'batches.discard' | 'batches.abort' | 'batches.pause' | 'batches.resume' | 'batches.stop';

export const useBatches = defineStore('batches', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const byId = useWorkspaceState(() => new Map<string, Batch>());
  /** IDs of the history, newest first, as far as it is loaded; null until the first page is loaded. */
  const orderedIds = useWorkspaceState<readonly string[] | null>(() => null);
  const nextCursor = useWorkspaceState<number | null>(() => null);
  const failure = shallowRef<CallError | null>(null);
  /** Why a requested batch could not be loaded, by batch ID. */
  const loadErrors = useWorkspaceState(() => new Map<string, CallError>());
  const samples = useWorkspaceState(() => new Map<string, ProgressSample[]>());
  const isLoading = useWorkspaceState(() => false);

  function recordSample(batch: Batch): void {
    if (!activeStates.includes(batch.state) || batch.state === 'armed') return;
    const previous = samples.value.get(batch.id) ?? [];
    const now = Date.now();
    const last = previous.at(-1);
    if (last && now - last.sampledAt < sampleIntervalMs) return;
    samples.value.set(batch.id, [...previous, { sampledAt: now, outcomes: batch.outcomeCounts }].slice(-maxSamples));
  }

  function applyBatch(batch: Batch): void {
    byId.value.set(batch.id, batch);
    recordSample(batch);
    triggerRef(byId);
    if (orderedIds.value && !orderedIds.value.includes(batch.id)) {
      const index = orderedIds.value.findIndex((id) => (byId.value.get(id)?.number ?? 0) < batch.number);
      // A batch that is older than the loaded pages is added when its page is loaded.
      if (index >= 0 || nextCursor.value === null)
        orderedIds.value = index < 0 ? [...orderedIds.value, batch.id] : orderedIds.value.toSpliced(index, 0, batch.id);
    }
  }

  async function readPage(before: number | null): Promise<void> {
    if (isLoading.value) return;
    isLoading.value = true;
    const { generation } = workspace;
    const result = await host.call('batches.list', { before, limit: pageSize });
    if (generation !== workspace.generation) return;
    isLoading.value = false;
    failure.value = errorOf(result);
    if (!result.ok) return;
    nextCursor.value = result.value.next;
    orderedIds.value ??= [];
    for (const row of result.value.rows) byId.value.set(row.id, row);
    orderedIds.value = [...new Set([...orderedIds.value, ...result.value.rows.map((row) => row.id)])];
    triggerRef(byId);
  }

  /** Reads the first page once. Events keep it up to date. */
  async function load(): Promise<void> {
    if (orderedIds.value === null) await readPage(null);
  }

  /** Reads the next page if the row at `lastIndex` is the last one that is loaded. */
  async function ensureLoaded(lastIndex: number): Promise<void> {
    if (nextCursor.value !== null && lastIndex >= (orderedIds.value?.length ?? 0) - 1) await readPage(nextCursor.value);
  }

  /** Reads a batch that may not be in the loaded history, e.g. from a link. */
  async function loadBatch(id: string): Promise<void> {
    const { generation } = workspace;
    const result = await host.call('batches.get', { batchId: id });
    if (generation !== workspace.generation) return;
    if (result.ok) {
      applyBatch(result.value);
      loadErrors.value.delete(id);
    } else loadErrors.value.set(id, result.error);
    triggerRef(loadErrors);
  }

  host.on('batches.changed', ({ rows }) => rows.forEach(applyBatch));

  const all = computed(() => [...byId.value.values()]);
  return {
    byId,
    all,
    orderedIds,
    nextCursor,
    failure,
    loadErrors,
    load,
    ensureLoaded,
    loadBatch,
    /** Runs an operator's command. Returns null on success. */
    runCommand: async (name: BatchCommand, batchId: string) =>
      errorOf(await afterSuccess(host.call(name, { batchId }), applyBatch)),
    /** Armed, running, paused or stopping: the number in the sidebar. */
    active: computed(() => all.value.filter((batch) => activeStates.includes(batch.state))),
    /** Batches that do not continue without the operator. */
    needingAttention: computed(() =>
      all.value.filter(
        (batch) =>
          batch.state === 'interrupted' ||
          batch.issue !== null ||
          (batch.state === 'running' && batch.connections.some((connection) => connection.state === 'paused')),
      ),
    ),
    createPlan: (input: CallInput<'batches.plan'>) => afterSuccess(host.call('batches.plan', input), applyBatch),
    createRetryPlan: (input: CallInput<'batches.planRetry'>) =>
      afterSuccess(host.call('batches.planRetry', input), applyBatch),
    confirmPlan: (input: CallInput<'batches.confirm'>) => afterSuccess(host.call('batches.confirm', input), applyBatch),
    samplesFor: (batchId: string): readonly ProgressSample[] => samples.value.get(batchId) ?? [],
  };
});

/** Delay between a change of a running batch and the next reload of its rows. */
const itemsReloadDelayMs = 1_500;

/** The sessions of one plan or batch that match a filter, read page by page while the operator scrolls. */
export const useBatchItems = defineStore('batch-items', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const batches = useBatches();
  const batchId = shallowRef<string | null>(null);
  const filter = shallowRef<Partial<BatchItemFilter>>({});
  const total = shallowRef<number | null>(null);
  const list = usePagedList<BatchItem, number, null, CallOutput<'batches.listItems'>>(0, (_request, range) =>
    host.call('batches.listItems', { batchId: batchId.value ?? '', filter: filter.value, ...range }),
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
      }, itemsReloadDelayMs);
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
