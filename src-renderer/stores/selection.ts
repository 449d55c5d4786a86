/** The sessions that are chosen for an act: one by one, or all that match but some. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { isSameQuery } from '../composables/session-query-params.ts';
import type { SessionSelection } from '../contract.ts';
import { maxSelectionSize } from '../contract.ts';
import { useSessions } from './sessions.ts';

export const useSelection = defineStore('selection', () => {
  const sessions = useSessions();
  /** All that match are chosen, and `keys` are those taken out; else `keys` are those chosen. */
  const isAllSelected = shallowRef(false);
  const keys = shallowRef<ReadonlySet<number>>(new Set());

  const count = computed(() => (isAllSelected.value ? Math.max(0, sessions.total - keys.value.size) : keys.value.size));

  function setSelected(changed: Iterable<number>, chosen: boolean): boolean {
    const next = new Set(keys.value);
    for (const key of changed) {
      if (chosen !== isAllSelected.value) next.add(key);
      else next.delete(key);
    }
    if (next.size > maxSelectionSize) return false;
    keys.value = next;
    return true;
  }

  function resetTo(everyOne: boolean): void {
    isAllSelected.value = everyOne;
    keys.value = new Set();
  }

  // What is not seen any more must not be acted on: another filter is another choice. Another order is not.
  watch(
    () => sessions.query,
    (next, before) => {
      if (!isSameQuery(next, before, true)) resetTo(false);
    },
  );
  watch(
    () => sessions.loadedQuery,
    (next) => {
      if (next === null) resetTo(false);
    },
  );

  return {
    isAllSelected,
    count,
    /** As calls take it; null where nothing is chosen. Ages mean the instants that the list shows. */
    callInput: computed((): SessionSelection | null => {
      if (count.value === 0) return null;
      return isAllSelected.value
        ? { filter: sessions.filter, excludedKeys: [...keys.value] }
        : { sessionKeys: [...keys.value] };
    }),
    isSelected: (key: number): boolean => keys.value.has(key) !== isAllSelected.value,
    /** False where that would be more than can be named one by one. */
    setSelected,
    toggle: (key: number): boolean => setSelected([key], keys.value.has(key) === isAllSelected.value),
    selectAll: (): void => resetTo(true),
    clear: (): void => resetTo(false),
  };
});
