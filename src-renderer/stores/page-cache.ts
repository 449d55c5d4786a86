/** Rows of a long list, kept in blocks; what lies far from the eye is forgotten. */
import { shallowRef, triggerRef } from 'vue';

export const pageSize = 200;
const maxCachedPages = 30;

export function usePageCache<Row>() {
  const pages = shallowRef(new Map<number, readonly Row[]>());

  return {
    /** Reactive: what is on screen follows every change. */
    rowAt: (index: number): Row | undefined => pages.value.get(Math.floor(index / pageSize))?.[index % pageSize],
    hasPage: (block: number): boolean => pages.value.has(block),

    setPage(block: number, rows: readonly Row[]): void {
      pages.value.set(block, rows);
      if (pages.value.size > maxCachedPages) {
        const farthest = [...pages.value.keys()].reduce((a, b) => (Math.abs(a - block) >= Math.abs(b - block) ? a : b));
        pages.value.delete(farthest);
      }
      triggerRef(pages);
    },

    /** Everything new at once, so that nothing flickers in between. */
    replaceAll(next: Map<number, readonly Row[]>): void {
      pages.value = next;
    },

    /** Puts changed rows in the place of their former selves. `replacement` answers undefined for a row that stays. */
    replaceRows(replacement: (row: Row) => Row | undefined): void {
      for (const [block, rows] of pages.value) {
        if (rows.some((row) => replacement(row)))
          pages.value.set(
            block,
            rows.map((row) => replacement(row) ?? row),
          );
      }
      triggerRef(pages);
    },

    /** The place of the first row that fits among those kept, or -1. */
    findIndex(fits: (row: Row) => boolean): number {
      for (const [block, rows] of pages.value) {
        const index = rows.findIndex(fits);
        if (index >= 0) return block * pageSize + index;
      }
      return -1;
    },
  };
}

/** The blocks that a range of rows touches. */
export function pagesInRange(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / pageSize);
  const to = Math.floor(Math.max(0, last) / pageSize);
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
}
