/** Refreshes and exports of many sessions: their progress, and their results until the operator dismisses them. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { CallError, CallInput, SessionSelection, ExportState, RefreshState } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const useBackgroundJobs = defineStore('background-jobs', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const refreshes = shallowRef<ReadonlyMap<string, RefreshState>>(new Map());
  const exports = shallowRef<ReadonlyMap<string, ExportState>>(new Map());

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

  async function startRefresh(selection: SessionSelection): Promise<CallError | null> {
    const result = await host.call('refreshes.start', selection);
    if (result.ok && !refreshes.value.has(result.value.refreshId)) applyRefreshes([result.value]);
    return result.ok ? null : result.error;
  }
  async function startExport(input: CallInput<'exports.start'>): Promise<CallError | null> {
    const result = await host.call('exports.start', input);
    if (result.ok) applyExports([result.value]);
    return result.ok ? null : result.error;
  }

  host.on('refreshes.changed', ({ rows }) => applyRefreshes(rows));
  host.on('exports.changed', ({ rows }) => applyExports(rows));
  watch(
    () => workspace.generation,
    () => {
      refreshes.value = new Map();
      exports.value = new Map();
    },
  );

  return {
    refreshes: computed(() => [...refreshes.value.values()]),
    exports: computed(() => [...exports.value.values()]),
    startRefresh,
    startExport,
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
