/** The sessions that an operator watches: their status is checked automatically, every 30 seconds by default. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, PollingState } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const usePolling = defineStore('polling', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const state = shallowRef<PollingState | null>(null);

  async function load(): Promise<void> {
    const result = await host.call('polling.state', {});
    if (result.ok) state.value = result.value;
  }

  async function setPolled(sessionKey: number, isPolled: boolean): Promise<CallError | null> {
    const result = await host.call('polling.change', { sessionKeys: [sessionKey], isPolled });
    if (result.ok) state.value = result.value;
    return result.ok ? null : result.error;
  }

  // Polling pauses for a connection without a secret and continues when it has one.
  host.on('connections.changed', () => state.value && void load());
  watch(
    () => workspace.generation,
    () => {
      state.value = null;
    },
  );

  return {
    state,
    load,
    setPolled,
    isPolled: (sessionKey: number): boolean => state.value?.selectedSessionKeys.includes(sessionKey) ?? false,
  };
});
