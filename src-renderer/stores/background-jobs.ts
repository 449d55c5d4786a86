/** Refreshes and exports of many sessions: their progress, and their results until the operator dismisses them. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import type { CallError, CallInput, Envelope, SessionSelection, ExportState, RefreshState } from '../contract.ts';
import { useHostMutation } from './host-query.ts';
import { errorOf, useHost } from './host.ts';
import { useWorkspaceState } from './workspace.ts';

export const useBackgroundJobs = defineStore('background-jobs', () => {
  const host = useHost();
  const refreshes = useWorkspaceState<ReadonlyMap<string, RefreshState>>(() => new Map());
  const exports = useWorkspaceState<ReadonlyMap<string, ExportState>>(() => new Map());

  function applyRefreshes(rows: readonly RefreshState[]): void {
    refreshes.value = new Map([...refreshes.value, ...rows.map((row) => [row.refreshId, row] as const)]);
  }
  function applyExports(rows: readonly ExportState[]): void {
    // The response to a call may arrive after a later event: it does not replace a final state.
    const changed = rows.filter(
      (row) => row.state !== 'running' || (exports.value.get(row.exportId)?.state ?? 'running') === 'running',
    );
    exports.value = new Map([...exports.value, ...changed.map((row) => [row.exportId, row] as const)]);
  }

  host.on('refreshes.changed', ({ rows }) => applyRefreshes(rows));
  host.on('exports.changed', ({ rows }) => applyExports(rows));

  return {
    refreshes: computed(() => [...refreshes.value.values()]),
    exports: computed(() => [...exports.value.values()]),
    async startRefresh(selection: SessionSelection): Promise<CallError | null> {
      const result = await host.call('refreshes.start', selection);
      if (result.ok && !refreshes.value.has(result.value.refreshId)) applyRefreshes([result.value]);
      return errorOf(result);
    },
    async startExport(input: CallInput<'exports.start'>): Promise<Envelope<ExportState>> {
      const result = await host.call('exports.start', input);
      if (result.ok) applyExports([result.value]);
      return result;
    },
    /** Loads the refreshes that were started before this page was opened and are still running. */
    async load(): Promise<void> {
      const result = await host.call('refreshes.list', {});
      if (result.ok) applyRefreshes(result.value.filter(({ state }) => state === 'running'));
    },
    async stopRefresh(refreshId: string): Promise<void> {
      const result = await host.call('refreshes.stop', { refreshId });
      if (result.ok) applyRefreshes([result.value]);
    },
    async stopExport(exportId: string): Promise<void> {
      const result = await host.call('exports.stop', { exportId });
      if (result.ok) applyExports([result.value]);
    },
    dismiss(id: string): void {
      refreshes.value = new Map([...refreshes.value].filter(([key]) => key !== id));
      exports.value = new Map([...exports.value].filter(([key]) => key !== id));
    },
  };
});

/** The status check of each plan. The store of background jobs holds its progress. */
export const usePlanRefresh = defineStore('plan-refresh', () => {
  const host = useHost();
  const backgroundJobs = useBackgroundJobs();
  /** The state at the start of each refresh, by batch ID. */
  const startedByPlan = useWorkspaceState<ReadonlyMap<string, RefreshState>>(() => new Map());
  const { isBusy, failure, run } = useHostMutation(async (batchId: string) => {
    const result = await host.call('batches.refreshPlan', { batchId });
    if (result.ok) startedByPlan.value = new Map(startedByPlan.value).set(batchId, result.value);
    return result;
  });

  const refreshFor = (batchId: string): RefreshState | undefined => {
    const started = startedByPlan.value.get(batchId);
    return started && (backgroundJobs.refreshes.find(({ refreshId }) => refreshId === started.refreshId) ?? started);
  };

  return {
    failure,
    isStarting: isBusy,
    start: run,
    refreshFor,
    async stop(batchId: string): Promise<void> {
      const refresh = refreshFor(batchId);
      if (refresh) await backgroundJobs.stopRefresh(refresh.refreshId);
    },
  };
});
