/** The sessions that are chosen for an act: one by one, or all that match but some. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { isSameListing } from '../composables/session-query-params.ts';
import type { ChosenSessions } from '../contract.ts';
import { longestSelection } from '../contract.ts';
import { useSessions } from './sessions.ts';

export const useChosen = defineStore('chosen', () => {
  const sessions = useSessions();
  /** All that match are chosen, and `keys` are those taken out; else `keys` are those chosen. */
  const all = shallowRef(false);
  const keys = shallowRef<ReadonlySet<number>>(new Set());

  const count = computed(() => (all.value ? Math.max(0, sessions.total - keys.value.size) : keys.value.size));

  function put(changed: Iterable<number>, chosen: boolean): boolean {
    const next = new Set(keys.value);
    for (const key of changed) {
      if (chosen !== all.value) next.add(key);
      else next.delete(key);
    }
    if (next.size > longestSelection) return false;
    keys.value = next;
    return true;
  }

  function set(everyOne: boolean): void {
    all.value = everyOne;
    keys.value = new Set();
  }

  // What is not seen any more must not be acted on: another filter is another choice. Another order is not.
  watch(
    () => sessions.listing,
    (next, before) => {
      if (!isSameListing(next, before, true)) set(false);
    },
  );
  watch(
    () => sessions.shown,
    (next) => {
      if (next === null) set(false);
    },
  );

  return {
    all,
    count,
    /** As calls take it; null where nothing is chosen. Ages mean the instants that the list shows. */
    contract: computed((): ChosenSessions | null => {
      if (count.value === 0) return null;
      return all.value ? { filter: sessions.filter, except: [...keys.value] } : { sessionKeys: [...keys.value] };
    }),
    has: (key: number): boolean => keys.value.has(key) !== all.value,
    /** False where that would be more than can be named one by one. */
    put,
    toggle: (key: number): boolean => put([key], keys.value.has(key) === all.value),
    chooseAll: (): void => set(true),
    clear: (): void => set(false),
  };
});
