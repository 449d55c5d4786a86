/** The selected sessions: either single sessions, or all that match the filter with exceptions. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { isSameQuery } from '../session-list.ts';
import type { SessionSelection } from '../contract.ts';
import { maxSelectionSize } from '../contract.ts';
import { useSessions } from './sessions.ts';

export const useSelection = defineStore('selection', () => {
  const sessions = useSessions();
  /** If true, all matching sessions are selected except `keys`; else only `keys` are selected. */
  const isAllSelected = shallowRef(false);
  const keys = shallowRef<ReadonlySet<number>>(new Set());

  const count = computed(() => (isAllSelected.value ? Math.max(0, sessions.total - keys.value.size) : keys.value.size));

  /** Returns false, and changes nothing, if the selection would exceed `maxSelectionSize`. */
  function setSelected(changed: Iterable<number>, selected: boolean): boolean {
    const next = new Set(keys.value);
    for (const key of changed) {
      if (selected !== isAllSelected.value) next.add(key);
      else next.delete(key);
    }
    if (next.size > maxSelectionSize) return false;
    keys.value = next;
    return true;
  }

  function resetTo(allSelected: boolean): void {
    isAllSelected.value = allSelected;
    keys.value = new Set();
  }

  // Commands must not apply to sessions that are no longer shown: a new filter clears the selection. A new order does
  // not.
  watch(
    () => sessions.query,
    (next, previous) => {
      if (!isSameQuery(next, previous, true)) resetTo(false);
    },
  );
  watch(
    () => sessions.loadedQuery,
    (next) => {
      if (next === null) resetTo(false);
    },
  );

  return {
    count,
    /** The selection as input of a call; null if it is empty. Ages are the instants of the shown list. */
    callInput: computed((): SessionSelection | null => {
      if (count.value === 0) return null;
      return isAllSelected.value
        ? { filter: sessions.filter, excludedKeys: [...keys.value] }
        : { sessionKeys: [...keys.value] };
    }),
    isSelected: (key: number): boolean => keys.value.has(key) !== isAllSelected.value,
    setSelected,
    toggle: (key: number): boolean => setSelected([key], keys.value.has(key) === isAllSelected.value),
    selectAll: (): void => resetTo(true),
    clear: (): void => resetTo(false),
  };
});
