/** Refreshes and exports of many sessions: how far they are, and what became of the last ones. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { CallError, CallInput, ChosenSessions, ExportState, RefreshState } from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

export const useJobs = defineStore('jobs', () => {
  const host = useHost();
  const desk = useDesk();
  const refreshes = shallowRef<ReadonlyMap<string, RefreshState>>(new Map());
  const exports = shallowRef<ReadonlyMap<string, ExportState>>(new Map());

  function takeRefreshes(rows: readonly RefreshState[]): void {
    refreshes.value = new Map([...refreshes.value, ...rows.map((row) => [row.refreshId, row] as const)]);
  }
  function takeExports(rows: readonly ExportState[]): void {
    // An answer may be older than the event that came before it.
    const news = rows.filter(
      (row) => row.state !== 'running' || (exports.value.get(row.exportId)?.state ?? 'running') === 'running',
    );
    exports.value = new Map([...exports.value, ...news.map((row) => [row.exportId, row] as const)]);
  }

  async function refresh(chosen: ChosenSessions): Promise<CallError | null> {
    const answer = await host.ask('refreshes.start', chosen);
    if (answer.ok && !refreshes.value.has(answer.value.refreshId)) takeRefreshes([answer.value]);
    return answer.ok ? null : answer.error;
  }
  async function write(input: CallInput<'exports.start'>): Promise<CallError | null> {
    const answer = await host.ask('exports.start', input);
    if (answer.ok) takeExports([answer.value]);
    return answer.ok ? null : answer.error;
  }

  host.on('refreshes.changed', ({ rows }) => takeRefreshes(rows));
  host.on('exports.changed', ({ rows }) => takeExports(rows));
  watch(
    () => desk.generation,
    () => {
      refreshes.value = new Map();
      exports.value = new Map();
    },
  );

  return {
    refreshes: computed(() => [...refreshes.value.values()]),
    exports: computed(() => [...exports.value.values()]),
    refresh,
    write,
    /** Those that run already: begun before this page was opened. */
    async load(): Promise<void> {
      const answer = await host.ask('refreshes.list', {});
      if (answer.ok) takeRefreshes(answer.value.filter(({ state }) => state === 'running'));
    },
    async stopRefresh(refreshId: string): Promise<void> {
      const answer = await host.ask('refreshes.stop', { refreshId });
      if (answer.ok) takeRefreshes([answer.value]);
    },
    async stopExport(exportId: string): Promise<void> {
      const answer = await host.ask('exports.stop', { exportId });
      if (answer.ok) takeExports([answer.value]);
    },
    drop(id: string): void {
      refreshes.value = new Map([...refreshes.value].filter(([key]) => key !== id));
      exports.value = new Map([...exports.value].filter(([key]) => key !== id));
    },
  };
});
