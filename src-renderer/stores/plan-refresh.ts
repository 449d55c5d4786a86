/** The refreshes of plans: which one belongs to which plan. How far each is, the jobs know. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError, RefreshState } from '../contract.ts';
import { useBatches } from './batches.ts';
import { useBackgroundJobs } from './background-jobs.ts';

export const usePlanRefresh = defineStore('plan-refresh', () => {
  const backgroundJobs = useBackgroundJobs();
  const batches = useBatches();
  /** As each began, by its plan. */
  const startedByPlan = shallowRef<ReadonlyMap<string, RefreshState>>(new Map());
  const failure = shallowRef<CallError | null>(null);
  const isStarting = shallowRef(false);

  async function start(batchId: string): Promise<void> {
    if (isStarting.value) return;
    isStarting.value = true;
    const answer = await batches.refreshPlan(batchId);
    isStarting.value = false;
    failure.value = answer.ok ? null : answer.error;
    if (answer.ok) startedByPlan.value = new Map(startedByPlan.value).set(batchId, answer.value);
  }

  const refreshFor = (batchId: string): RefreshState | undefined => {
    const first = startedByPlan.value.get(batchId);
    return first && (backgroundJobs.refreshes.find(({ refreshId }) => refreshId === first.refreshId) ?? first);
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
