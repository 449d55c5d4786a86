/** Cache for the pages of a long list. Drops the page farthest from the last one read. */
import { shallowRef, triggerRef } from 'vue';

export const pageSize = 200;
const maxCachedPages = 30;

export function usePageCache<Row>() {
  const pages = shallowRef(new Map<number, readonly Row[]>());

  return {
    /** Reactive. Undefined if the page of the row is not cached. */
    rowAt: (index: number): Row | undefined => pages.value.get(Math.floor(index / pageSize))?.[index % pageSize],
    hasPage: (pageIndex: number): boolean => pages.value.has(pageIndex),

    setPage(pageIndex: number, rows: readonly Row[]): void {
      pages.value.set(pageIndex, rows);
      if (pages.value.size > maxCachedPages) {
        const farthest = [...pages.value.keys()].reduce((a, b) =>
          Math.abs(a - pageIndex) >= Math.abs(b - pageIndex) ? a : b,
        );
        pages.value.delete(farthest);
      }
      triggerRef(pages);
    },

    /** Replaces all pages in one step, so that the list does not flicker. */
    replaceAll(next: Map<number, readonly Row[]>): void {
      pages.value = next;
    },

    /** Replaces changed rows. `replacement` returns undefined for a row that has not changed. */
    replaceRows(replacement: (row: Row) => Row | undefined): void {
      for (const [pageIndex, rows] of pages.value) {
        if (rows.some((row) => replacement(row)))
          pages.value.set(
            pageIndex,
            rows.map((row) => replacement(row) ?? row),
          );
      }
      triggerRef(pages);
    },

    /** List index of the first cached row that matches, or -1. */
    findIndex(matches: (row: Row) => boolean): number {
      for (const [pageIndex, rows] of pages.value) {
        const index = rows.findIndex(matches);
        if (index >= 0) return pageIndex * pageSize + index;
      }
      return -1;
    },
  };
}

/** Indexes of the pages that contain the rows `first` to `last`. */
export function pagesInRange(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / pageSize);
  const to = Math.floor(Math.max(0, last) / pageSize);
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
}
