/** The rate limit of each connection. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import type { CallError, CallInput, ConnectionRateLimit } from '../contract.ts';
import { useBatches } from './batches.ts';
import { useHostQuery } from './host-query.ts';
import { errorOf, useHost } from './host.ts';

export const useRateLimits = defineStore('rate-limits', () => {
  const host = useHost();
  const batches = useBatches();
  const { data, failure, load, setData } = useHostQuery('rateLimits.list', () => ({}), {
    isLazy: true,
    reloadOn: ['connections.changed'],
  });

  function applyRateLimit(changed: ConnectionRateLimit): void {
    const others = (data.value ?? []).filter(({ connectionId }) => connectionId !== changed.connectionId);
    setData([...others, changed]);
  }

  /** Reloads the batches of a connection: a paused batch sends no event when the rate limit changes. */
  function reloadBatches(connectionId: string): void {
    for (const batch of [...batches.active, ...batches.needingAttention])
      if (batch.connections.some((connection) => connection.connectionId === connectionId))
        void batches.loadBatch(batch.id);
  }

  return {
    byId: computed(() => new Map((data.value ?? []).map((row) => [row.connectionId, row]))),
    failure,
    load,
    async change(input: CallInput<'rateLimits.change'>): Promise<CallError | null> {
      const result = await host.call('rateLimits.change', input);
      if (result.ok) applyRateLimit(result.value);
      if (result.ok) reloadBatches(input.connectionId);
      return errorOf(result);
    },
    /** Resumes the batches on a paused connection. */
    async resumeConnection(connectionId: string): Promise<CallError | null> {
      const result = await host.call('batches.resumeConnection', { connectionId });
      if (result.ok) applyRateLimit(result.value);
      return errorOf(result);
    },
  };
});
