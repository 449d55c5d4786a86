/** Saved views: a filter, a sort order and a set of columns under a name. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import type { CallError, Envelope, SavedView } from '../contract.ts';
import { useHostQuery } from './host-query.ts';
import { errorOf, useHost } from './host.ts';

export const useSavedViews = defineStore('saved-views', () => {
  const host = useHost();
  const { data, load } = useHostQuery('views.list', () => ({}), { isLazy: true });

  async function reloadAfter(call: Promise<Envelope<unknown>>): Promise<CallError | null> {
    const result = await call;
    await load();
    return errorOf(result);
  }

  return {
    list: computed(() => data.value ?? []),
    load,
    save: (view: SavedView) => reloadAfter(host.call('views.save', view)),
    remove: (id: string) => reloadAfter(host.call('views.remove', { id })),
  };
});
