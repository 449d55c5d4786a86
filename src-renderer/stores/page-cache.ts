/** Long lists that are read page by page. */
import { shallowRef, triggerRef } from 'vue';
import type { CallError, Envelope } from '../contract.ts';
import { errorOf } from './host.ts';

export const pageSize = 200;
const maxCachedPages = 30;

/** Cache for the pages of a long list. Drops the page farthest from the last one read. */
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

interface Page<Row, Cursor> {
  readonly rows: readonly Row[];
  /** The cursor before the next page; null for the last page. */
  readonly next: Cursor | null;
}

/**
 * A list that is read by key ranges while the operator scrolls. `readRange` reads the rows after a cursor. The list
 * keeps its own cache, because the query library has no match for it: of a million rows the visible pages are replaced
 * in one step, distant pages are dropped, and a page without a known cursor is reached from an earlier one.
 */
export function usePagedList<Row, Cursor, Request, RowPage extends Page<Row, Cursor>>(
  firstCursor: Cursor,
  readRange: (
    request: Request,
    range: { after: Cursor; skip: number; limit: number },
    requestId: number,
  ) => Promise<Envelope<RowPage>>,
) {
  const cache = usePageCache<Row>();
  const failure = shallowRef<CallError | null>(null);
  /** The cursor before each known page. */
  let cursors = new Map([[0, firstCursor]]);
  let requestId = 0;
  const pendingPages = new Set<number>();

  function startRequest(): () => boolean {
    requestId += 1;
    const startedRequest = requestId;
    return () => startedRequest === requestId;
  }

  async function readPage(request: Request, pageIndex: number, pageCursors: Map<number, Cursor>) {
    let start = pageIndex;
    while (!pageCursors.has(start)) start -= 1;
    const after = pageCursors.get(start) ?? firstCursor;
    const result = await readRange(
      request,
      { after, skip: (pageIndex - start) * pageSize, limit: pageSize },
      requestId,
    );
    if (result.ok && result.value.next !== null) pageCursors.set(pageIndex + 1, result.value.next);
    return result;
  }

  /** Reads a page into the cache. Returns false if a later `read` has replaced the list. */
  async function loadPage(request: Request, pageIndex: number): Promise<boolean> {
    const currentRequest = requestId;
    pendingPages.add(pageIndex);
    const result = await readPage(request, pageIndex, cursors);
    if (currentRequest !== requestId) return false;
    pendingPages.delete(pageIndex);
    if (result.ok) cache.setPage(pageIndex, result.value.rows);
    else failure.value = result.error;
    return true;
  }

  return {
    ...cache,
    failure,
    loadPage,
    /** Loads the pages of these rows. The grid calls it when its visible range changes. */
    async ensureLoaded(request: Request, first: number, last: number): Promise<void> {
      for (const pageIndex of pagesInRange(first, last))
        if (!cache.hasPage(pageIndex) && !pendingPages.has(pageIndex) && !(await loadPage(request, pageIndex))) return;
    },
    /** The answers to the running reads are ignored. The result tells whether no later request has started. */
    startRequest,
    /**
     * Reads the pages anew. The rows on screen stay until `show` replaces them in one step. Returns null if the read
     * has failed or a later one has started.
     */
    async read(request: Request, pageIndexes: readonly number[]) {
      const isLatest = startRequest();
      const nextCursors = new Map([[0, firstCursor]]);
      const pages = new Map<number, readonly Row[]>();
      let lastPage: RowPage | null = null;
      for (const pageIndex of pageIndexes) {
        const result = await readPage(request, pageIndex, nextCursors);
        if (!isLatest()) return null;
        failure.value = errorOf(result);
        if (!result.ok) return null;
        lastPage = result.value;
        pages.set(pageIndex, lastPage.rows);
      }
      return {
        pages,
        lastPage,
        isLatest,
        show(): void {
          cursors = nextCursors;
          pendingPages.clear();
          cache.replaceAll(pages);
        },
      };
    },
  };
}
