/** Saved views: a filter, a sort order and a set of columns under a name. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, SavedView } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const useSavedViews = defineStore('saved-views', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const list = shallowRef<readonly SavedView[]>([]);

  async function load(): Promise<void> {
    const result = await host.call('views.list', {});
    if (result.ok) list.value = result.value;
  }
  async function save(view: SavedView): Promise<CallError | null> {
    const result = await host.call('views.save', view);
    await load();
    return result.ok ? null : result.error;
  }
  async function remove(id: string): Promise<CallError | null> {
    const result = await host.call('views.remove', { id });
    await load();
    return result.ok ? null : result.error;
  }

  watch(
    () => workspace.generation,
    () => {
      list.value = [];
      void load();
    },
  );

  return { list, load, save, remove };
});
