/** Refreshes and exports of many sessions: their progress, and their results until the operator dismisses them. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import type { CallInput, SessionSelection, ExportState, RefreshState } from '../contract.ts';
import { useHostMutation } from './host-query.ts';
import { afterSuccess, useHost } from './host.ts';
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
    startRefresh: (selection: SessionSelection) =>
      afterSuccess(host.call('refreshes.start', selection), (started) => {
        if (!refreshes.value.has(started.refreshId)) applyRefreshes([started]);
      }),
    startExport: (input: CallInput<'exports.start'>) =>
      afterSuccess(host.call('exports.start', input), (started) => applyExports([started])),
    /** Loads the refreshes that were started before this page was opened and are still running. */
    load: () =>
      afterSuccess(host.call('refreshes.list', {}), (rows) =>
        applyRefreshes(rows.filter(({ state }) => state === 'running')),
      ),
    stopRefresh: (refreshId: string) =>
      afterSuccess(host.call('refreshes.stop', { refreshId }), (stopped) => applyRefreshes([stopped])),
    stopExport: (exportId: string) =>
      afterSuccess(host.call('exports.stop', { exportId }), (stopped) => applyExports([stopped])),
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
  const { isBusy, failure, run } = useHostMutation((batchId: string) =>
    afterSuccess(host.call('batches.refreshPlan', { batchId }), (started) => {
      startedByPlan.value = new Map(startedByPlan.value).set(batchId, started);
    }),
  );

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
