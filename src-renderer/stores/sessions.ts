/**
 * The list of sessions as the URL requests it: read page by page while the operator scrolls, updated in place by
 * events.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { defaultSessionQuery, toSessionFilter, isSameQuery } from '../composables/session-query-params.ts';
import type { SessionQuery } from '../composables/session-query-params.ts';
import { emptySessionFilter } from '../contract.ts';
import type { CallError, CallInput, Envelope, Session, SessionCounts, SessionFilter } from '../contract.ts';
import { pagesInRange, pageSize, usePageCache } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

/** Changes within this time lead to one reload. */
const reloadDelayMs = 400;
/** Maximum delay of the rows while their count is read. It is longer for a reload: the old rows are still on screen. */
const countTimeoutMs = { reload: 150, firstLoad: 40 };
const viewId = Math.random().toString(36).slice(2);

/** The row that a reload must not move: the operator reads it or points at it. */
export interface ScrollAnchor {
  readonly index: number;
  readonly key: number;
}

export const useSessions = defineStore('sessions', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const query = shallowRef<SessionQuery>(defaultSessionQuery);
  const counts = shallowRef<SessionCounts | null>(null);
  /** Whether `counts` belongs to the rows on screen. */
  const hasExactCount = shallowRef(false);
  const failure = shallowRef<CallError | null>(null);
  /** The query of the rows on screen; null until they are loaded. */
  const loadedQuery = shallowRef<SessionQuery | null>(null);
  /** The filter of the rows on screen, with ages as instants. */
  const filter = shallowRef<SessionFilter>(emptySessionFilter);
  const total = shallowRef(0);
  /**
   * A reload would move the anchor row: the rows on screen stay until the grid is no longer in use or the operator
   * reloads.
   */
  const hasPendingChanges = shallowRef(false);
  const { rowAt, hasPage, setPage, replaceAll, replaceRows, findIndex } = usePageCache<Session>();

  /** The cursor before each known page; null for page 0. */
  let cursors = new Map<number, string | null>([[0, null]]);
  let visible: readonly number[] = [0];
  let requestId = 0;
  const pendingPages = new Set<number>();
  let scrollAnchor: () => ScrollAnchor | null = () => null;
  let onAnchorMoved: (rows: number) => void = () => undefined;

  interface PageRequest {
    readonly query: SessionQuery;
    readonly filter: SessionFilter;
  }

  async function readPage(
    pageIndex: number,
    pageCursors: Map<number, string | null>,
    request: PageRequest,
  ): Promise<Envelope<{ rows: readonly Session[]; isLast: boolean }>> {
    let start = pageIndex;
    while (!pageCursors.has(start)) start -= 1;
    const after = pageCursors.get(start) ?? null;
    const skip = (pageIndex - start) * pageSize;
    const result = await host.call('sessions.page', {
      filter: request.filter,
      sort: request.query.sort,
      after,
      skip,
      limit: pageSize,
      viewId,
      generation: requestId,
    });
    if (!result.ok) return result;
    if (result.value.next !== null) pageCursors.set(pageIndex + 1, result.value.next);
    return { ok: true, value: { rows: result.value.rows, isLast: result.value.next === null } };
  }

  let pendingReload: Promise<void> = Promise.resolve();

  /**
   * Reads the counts and the visible pages again. Without `canMove`, not if the anchor row would leave the visible
   * pages.
   */
  function reload(canMove = true): Promise<void> {
    pendingReload = reloadNow(canMove);
    return pendingReload;
  }

  async function reloadNow(canMove: boolean): Promise<void> {
    const currentRequest = ++requestId;
    const request: PageRequest = { query: query.value, filter: toSessionFilter(query.value, Date.now()) };
    const isReload = request.query === loadedQuery.value;
    const pageIndexes = isReload ? visible : [0];
    const nextCursors = new Map<number, string | null>([[0, null]]);
    const pages = new Map<number, readonly Session[]>();
    // The rows are requested before the count, which may take long.
    const firstPage = readPage(pageIndexes[0] ?? 0, nextCursors, request);
    const countRequest = host.call('sessions.counts', { filter: request.filter, viewId });
    let end = 0;
    let isLast = false;
    for (const pageIndex of pageIndexes) {
      const result = await (pageIndex === pageIndexes[0] ? firstPage : readPage(pageIndex, nextCursors, request));
      if (currentRequest !== requestId) return;
      if (!result.ok) return void (failure.value = result.error);
      pages.set(pageIndex, result.value.rows);
      end = pageIndex * pageSize + result.value.rows.length;
      isLast = result.value.isLast;
    }
    const timelyCount = await Promise.race([
      countRequest,
      new Promise<null>((resolve) =>
        setTimeout(() => resolve(null), isReload ? countTimeoutMs.reload : countTimeoutMs.firstLoad),
      ),
    ]);
    if (currentRequest !== requestId) return;
    if (timelyCount && !timelyCount.ok) return void (failure.value = timelyCount.error);
    failure.value = null;
    const anchor = isReload ? scrollAnchor() : null;
    const shift = anchor === null ? 0 : anchorShift(anchor, pages);
    if (shift === null && !canMove) {
      hasPendingChanges.value = true;
      if (timelyCount) counts.value = timelyCount.value;
      return;
    }
    hasPendingChanges.value = false;
    cursors = nextCursors;
    pendingPages.clear();
    replaceAll(pages);
    filter.value = request.filter;
    const minTotal = isReload ? Math.max(total.value, end) : end;
    total.value = timelyCount ? timelyCount.value.total : isLast && end > 0 ? end : minTotal;
    hasExactCount.value = timelyCount !== null;
    if (timelyCount) counts.value = timelyCount.value;
    loadedQuery.value = request.query;
    if (shift) onAnchorMoved(shift);
    if (timelyCount) return;
    const lateCount = await countRequest;
    if (currentRequest !== requestId) return;
    if (!lateCount.ok) return void (failure.value = lateCount.error);
    counts.value = lateCount.value;
    total.value = lateCount.value.total;
    hasExactCount.value = true;
  }

  /** By how many rows the anchor row moves; null if it is not in `pages`. */
  function anchorShift({ index, key }: ScrollAnchor, pages: ReadonlyMap<number, readonly Session[]>): number | null {
    for (const [pageIndex, rows] of pages) {
      const indexInPage = rows.findIndex((row) => row.key === key);
      if (indexInPage >= 0) return pageIndex * pageSize + indexInPage - index;
    }
    return null;
  }

  /** Loads the pages of these rows. The grid calls it when its visible range changes. */
  async function ensureLoaded(first: number, last: number): Promise<void> {
    visible = pagesInRange(first, last);
    const currentRequest = requestId;
    const currentQuery = loadedQuery.value;
    if (!currentQuery) return;
    for (const pageIndex of visible) {
      if (hasPage(pageIndex) || pendingPages.has(pageIndex) || currentQuery !== query.value) continue;
      pendingPages.add(pageIndex);
      const result = await readPage(pageIndex, cursors, { query: currentQuery, filter: filter.value });
      if (currentRequest !== requestId) return;
      pendingPages.delete(pageIndex);
      if (result.ok) setPage(pageIndex, result.value.rows);
      else failure.value = result.error;
    }
  }

  /** The keys of the rows from `from` to `to`, both included. Loads missing pages. */
  async function keysBetween(from: number, to: number): Promise<number[]> {
    const keys: number[] = [];
    for (const pageIndex of pagesInRange(Math.min(from, to), Math.max(from, to))) {
      if (!hasPage(pageIndex)) {
        const result = await readPage(pageIndex, cursors, { query: query.value, filter: filter.value });
        if (result.ok) setPage(pageIndex, result.value.rows);
        else failure.value = result.error;
      }
      for (let index = pageIndex * pageSize; index < (pageIndex + 1) * pageSize; index += 1) {
        const row = index >= Math.min(from, to) && index <= Math.max(from, to) ? rowAt(index) : undefined;
        if (row) keys.push(row.key);
      }
    }
    return keys;
  }

  async function setQuery(next: SessionQuery): Promise<void> {
    if (loadedQuery.value && isSameQuery(next, query.value)) return;
    query.value = next;
    hasExactCount.value = false;
    await reload();
  }

  let reloadTimer: ReturnType<typeof setTimeout> | undefined;
  /** Waits for the running reload: a new one would discard its count, so that a slow count would never arrive. */
  function scheduleReload(): void {
    reloadTimer ??= setTimeout(
      () =>
        void pendingReload.then(() => {
          reloadTimer = undefined;
          if (loadedQuery.value) void reload(false);
        }),
      reloadDelayMs,
    );
  }
  host.on('sessions.changed', ({ rows }) => {
    const changed = new Map(rows.map((row) => [row.key, row]));
    replaceRows((row) => changed.get(row.key));
    if (loadedQuery.value) scheduleReload();
  });
  watch(
    () => workspace.generation,
    () => {
      if (!loadedQuery.value) return;
      loadedQuery.value = null;
      counts.value = null;
      void reload();
    },
  );

  const isCurrent = computed(() => loadedQuery.value === query.value);

  async function add(input: CallInput<'sessions.add'>): Promise<Envelope<Session>> {
    const result = await host.call('sessions.add', input);
    if (result.ok) void reload();
    return result;
  }

  async function applyEvent(input: CallInput<'sessions.applyWebhookEvent'>): Promise<Envelope<Session>> {
    const result = await host.call('sessions.applyWebhookEvent', input);
    if (result.ok) void reload();
    return result;
  }

  return {
    query,
    filter,
    counts,
    hasExactCount,
    failure,
    loadedQuery,
    isCurrent,
    total,
    hasPendingChanges,
    rowAt,
    setQuery,
    ensureLoaded,
    reload,
    add,
    applyEvent,
    keysBetween,
    /** `getAnchor` returns the row that a reload must not move. `onMoved` scrolls by the rows that it has moved. */
    setScrollAnchor(getAnchor: () => ScrollAnchor | null, onMoved: (rows: number) => void): void {
      scrollAnchor = getAnchor;
      onAnchorMoved = onMoved;
    },
    /** Resolves when no reload is pending: the list is loaded or has failed. */
    async whenLoaded(): Promise<void> {
      for (let last: Promise<void> | null = null; last !== pendingReload;) await (last = pendingReload);
    },
    indexOf: (key: number): number => findIndex((row) => row.key === key),
  };
});
