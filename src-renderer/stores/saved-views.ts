/** Saved views: a filter, an order and a choice of columns under a name. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, SavedView } from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

export const useViews = defineStore('views', () => {
  const host = useHost();
  const desk = useDesk();
  const list = shallowRef<readonly SavedView[]>([]);

  async function load(): Promise<void> {
    const answer = await host.ask('views.list', {});
    if (answer.ok) list.value = answer.value;
  }
  async function put(view: SavedView): Promise<CallError | null> {
    const answer = await host.ask('views.put', view);
    await load();
    return answer.ok ? null : answer.error;
  }
  async function remove(id: string): Promise<CallError | null> {
    const answer = await host.ask('views.remove', { id });
    await load();
    return answer.ok ? null : answer.error;
  }

  watch(
    () => desk.generation,
    () => {
      list.value = [];
      void load();
    },
  );

  return { list, load, put, remove };
});
