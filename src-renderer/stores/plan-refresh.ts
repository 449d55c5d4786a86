/** The refreshes of plans: which one belongs to which plan. How far each is, the jobs know. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError, RefreshState } from '../contract.ts';
import { useBatches } from './batches.ts';
import { useJobs } from './background-jobs.ts';

export const usePlanRefresh = defineStore('plan-refresh', () => {
  const jobs = useJobs();
  const batches = useBatches();
  /** As each began, by its plan. */
  const begun = shallowRef<ReadonlyMap<string, RefreshState>>(new Map());
  const failure = shallowRef<CallError | null>(null);
  const starting = shallowRef(false);

  async function start(batchId: string): Promise<void> {
    if (starting.value) return;
    starting.value = true;
    const answer = await batches.refreshPlan(batchId);
    starting.value = false;
    failure.value = answer.ok ? null : answer.error;
    if (answer.ok) begun.value = new Map(begun.value).set(batchId, answer.value);
  }

  const of = (batchId: string): RefreshState | undefined => {
    const first = begun.value.get(batchId);
    return first && (jobs.refreshes.find(({ refreshId }) => refreshId === first.refreshId) ?? first);
  };

  return {
    failure,
    starting,
    start,
    of,
    async stop(batchId: string): Promise<void> {
      const refresh = of(batchId);
      if (refresh) await jobs.stopRefresh(refresh.refreshId);
    },
  };
});
