/** The rate limit of each connection. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, CallInput, ConnectionRateLimit } from '../contract.ts';
import { useBatches } from './batches.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const useRateLimits = defineStore('rate-limits', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const batches = useBatches();
  const byId = shallowRef<ReadonlyMap<string, ConnectionRateLimit>>(new Map());
  const failure = shallowRef<CallError | null>(null);
  let isLoaded = false;

  function applyRateLimit(row: ConnectionRateLimit): void {
    byId.value = new Map(byId.value).set(row.connectionId, row);
  }

  async function load(): Promise<void> {
    const result = await host.call('rateLimits.list', {});
    isLoaded = true;
    failure.value = result.ok ? null : result.error;
    if (result.ok) byId.value = new Map(result.value.map((row) => [row.connectionId, row]));
  }

  /** Reloads the batches of a connection: a paused batch sends no event when the rate limit changes. */
  function reloadBatches(connectionId: string): void {
    for (const batch of [...batches.active, ...batches.needingAttention])
      if (batch.connections.some((connection) => connection.connectionId === connectionId))
        void batches.loadBatch(batch.id);
  }

  async function change(input: CallInput<'rateLimits.change'>): Promise<CallError | null> {
    const result = await host.call('rateLimits.change', input);
    if (result.ok) applyRateLimit(result.value);
    if (result.ok) reloadBatches(input.connectionId);
    return result.ok ? null : result.error;
  }

  /** Resumes the batches on a paused connection. */
  async function resumeConnection(connectionId: string): Promise<CallError | null> {
    const result = await host.call('batches.resumeConnection', { connectionId });
    if (result.ok) applyRateLimit(result.value);
    return result.ok ? null : result.error;
  }

  host.on('connections.changed', () => {
    if (isLoaded) void load();
  });
  watch(
    () => workspace.generation,
    () => {
      byId.value = new Map();
      if (isLoaded) void load();
    },
  );

  return { byId, failure, load, change, resumeConnection };
});
