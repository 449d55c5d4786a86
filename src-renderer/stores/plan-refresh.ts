/** The status check of each plan. The store of background jobs holds its progress. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError, RefreshState } from '../contract.ts';
import { useBatches } from './batches.ts';
import { useBackgroundJobs } from './background-jobs.ts';

export const usePlanRefresh = defineStore('plan-refresh', () => {
  const backgroundJobs = useBackgroundJobs();
  const batches = useBatches();
  /** The state at the start of each refresh, by batch ID. */
  const startedByPlan = shallowRef<ReadonlyMap<string, RefreshState>>(new Map());
  const failure = shallowRef<CallError | null>(null);
  const isStarting = shallowRef(false);

  async function start(batchId: string): Promise<void> {
    if (isStarting.value) return;
    isStarting.value = true;
    const result = await batches.refreshPlan(batchId);
    isStarting.value = false;
    failure.value = result.ok ? null : result.error;
    if (result.ok) startedByPlan.value = new Map(startedByPlan.value).set(batchId, result.value);
  }

  const refreshFor = (batchId: string): RefreshState | undefined => {
    const started = startedByPlan.value.get(batchId);
    return started && (backgroundJobs.refreshes.find(({ refreshId }) => refreshId === started.refreshId) ?? started);
  };

  return {
    failure,
    isStarting,
    start,
    refreshFor,
    async stop(batchId: string): Promise<void> {
      const refresh = refreshFor(batchId);
      if (refresh) await backgroundJobs.stopRefresh(refresh.refreshId);
    },
  };
});
