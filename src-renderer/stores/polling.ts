/** The sessions that are read again by themselves every half minute or so, because an operator chose them. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, WatchState } from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

export const useWatching = defineStore('watching', () => {
  const host = useHost();
  const desk = useDesk();
  const state = shallowRef<WatchState | null>(null);

  async function load(): Promise<void> {
    const answer = await host.ask('watching.state', {});
    if (answer.ok) state.value = answer.value;
  }

  async function change(sessionKey: number, watched: boolean): Promise<CallError | null> {
    const answer = await host.ask('watching.change', { sessionKeys: [sessionKey], watched });
    if (answer.ok) state.value = answer.value;
    return answer.ok ? null : answer.error;
  }

  // A connection whose secret is gone, or there again, is what watching rests for.
  host.on('connections.changed', () => state.value && void load());
  watch(
    () => desk.generation,
    () => {
      state.value = null;
    },
  );

  return {
    state,
    load,
    change,
    isChosen: (sessionKey: number): boolean => state.value?.chosen.includes(sessionKey) ?? false,
  };
});
