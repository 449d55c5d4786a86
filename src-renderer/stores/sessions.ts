/**
 * The list of sessions as the URL requests it: read page by page while the operator scrolls, updated in place by
 * events.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { defaultSessionQuery, toSessionFilter, isSameQuery } from '../session-list.ts';
import type { SessionQuery } from '../session-list.ts';
import { emptySessionFilter } from '../contract.ts';
import type {
  CallError,
  SavedView,
  CallInput,
  CallOutput,
  Envelope,
  Session,
  SessionCounts,
  SessionFilter,
} from '../contract.ts';
import { pagesInRange, pageSize, usePagedList } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHostQuery } from './host-query.ts';
import { afterSuccess, errorOf, useHost } from './host.ts';

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

interface PageRequest {
  readonly query: SessionQuery;
  readonly filter: SessionFilter;
}

export const useSessions = defineStore('sessions', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const query = shallowRef<SessionQuery>(defaultSessionQuery);
  const counts = shallowRef<SessionCounts | null>(null);
  /** Whether `counts` belongs to the rows on screen. */
  const hasExactCount = shallowRef(false);
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
  const { failure, rowAt, hasPage, replaceRows, findIndex, ...list } = usePagedList<
    Session,
    string | null,
    PageRequest,
    CallOutput<'sessions.list'>
  >(null, (request, range, requestId) =>
    host.call('sessions.list', {
      filter: request.filter,
      sort: request.query.sort,
      ...range,
      viewId,
      generation: requestId,
    }),
  );
  let visible: readonly number[] = [0];
  let scrollAnchor: () => ScrollAnchor | null = () => null;
  let onAnchorMoved: (rows: number) => void = () => undefined;

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
    const request: PageRequest = { query: query.value, filter: toSessionFilter(query.value, Date.now()) };
    const isReload = request.query === loadedQuery.value;
    // The rows are requested before the count, which may take long.
    const reading = list.read(request, isReload ? visible : [0]);
    const countRequest = host.call('sessions.count', { filter: request.filter, viewId });
    const answer = await reading;
    if (!answer) return;
    const timelyCount = await Promise.race([
      countRequest,
      new Promise<null>((resolve) =>
        setTimeout(() => resolve(null), isReload ? countTimeoutMs.reload : countTimeoutMs.firstLoad),
      ),
    ]);
    if (!answer.isLatest()) return;
    if (timelyCount && !timelyCount.ok) return void (failure.value = timelyCount.error);
    const anchor = isReload ? scrollAnchor() : null;
    const shift = anchor === null ? 0 : anchorShift(anchor, answer.pages);
    if (shift === null && !canMove) {
      hasPendingChanges.value = true;
      if (timelyCount) counts.value = timelyCount.value;
      return;
    }
    hasPendingChanges.value = false;
    answer.show();
    filter.value = request.filter;
    const [lastIndex, lastRows] = [...answer.pages].at(-1) ?? [0, []];
    const end = lastIndex * pageSize + lastRows.length;
    const isLast = answer.lastPage?.next === null;
    const minTotal = isReload ? Math.max(total.value, end) : end;
    total.value = timelyCount ? timelyCount.value.total : isLast && end > 0 ? end : minTotal;
    hasExactCount.value = timelyCount !== null;
    if (timelyCount) counts.value = timelyCount.value;
    loadedQuery.value = request.query;
    if (shift) onAnchorMoved(shift);
    if (timelyCount) return;
    const lateCount = await countRequest;
    if (!answer.isLatest()) return;
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
    const { value: current } = loadedQuery;
    if (current && current === query.value)
      await list.ensureLoaded({ query: current, filter: filter.value }, first, last);
  }

  /** The keys of the rows from `from` to `to`, both included. Loads missing pages. */
  async function keysBetween(from: number, to: number): Promise<number[]> {
    const keys: number[] = [];
    for (const pageIndex of pagesInRange(Math.min(from, to), Math.max(from, to))) {
      if (!hasPage(pageIndex)) await list.loadPage({ query: query.value, filter: filter.value }, pageIndex);
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

  const reloadIfOk = (call: Promise<Envelope<Session>>) => afterSuccess(call, () => void reload());

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
    add: (input: CallInput<'sessions.add'>) => reloadIfOk(host.call('sessions.add', input)),
    applyEvent: (input: CallInput<'sessions.applyWebhookEvent'>) =>
      reloadIfOk(host.call('sessions.applyWebhookEvent', input)),
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

/** Saved views of the list: a filter, a sort order and a set of columns under a name. */
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
