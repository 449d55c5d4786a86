/** The list of sessions as the address asks for it: read block by block as it scrolls by, changed in place by events. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { defaultSessionQuery, toSessionFilter, isSameQuery } from '../composables/session-query-params.ts';
import type { SessionQuery } from '../composables/session-query-params.ts';
import { emptySessionFilter } from '../contract.ts';
import type { CallError, CallInput, Envelope, Session, SessionCounts, SessionFilter } from '../contract.ts';
import { pagesInRange, pageSize, usePageCache } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

/** Changes are gathered this long before the list is read again. */
const reloadDelayMs = 400;
/** A count that takes longer than this follows its rows; where rows stand already they can wait a little, and nothing jumps. */
const countTimeoutMs = { reload: 150, firstLoad: 40 };
const viewId = Math.random().toString(36).slice(2);

/** Where the list stands under somebody's eyes or hand: this row must not move by itself. */
export interface ScrollAnchor {
  readonly index: number;
  readonly key: number;
}

export const useSessions = defineStore('sessions', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const query = shallowRef<SessionQuery>(defaultSessionQuery);
  const counts = shallowRef<SessionCounts | null>(null);
  /** The counts are those of the rows on screen. */
  const hasExactCount = shallowRef(false);
  const failure = shallowRef<CallError | null>(null);
  /** The query that the rows on screen answer, and its filter with the instants of that moment; null until the first answer. */
  const loadedQuery = shallowRef<SessionQuery | null>(null);
  const filter = shallowRef<SessionFilter>(emptySessionFilter);
  const total = shallowRef(0);
  /** The list has changed in a way that would move the row under the cursor; what is shown waits. */
  const hasPendingChanges = shallowRef(false);
  const { rowAt, hasPage, setPage, replaceAll, replaceRows, findIndex } = usePageCache<Session>();

  /** Where each block begins: the cursor before it. Block 0 begins at the beginning. */
  let cursors = new Map<number, string | null>([[0, null]]);
  let visible: readonly number[] = [0];
  let requestId = 0;
  const pendingPages = new Set<number>();
  let scrollAnchor: () => ScrollAnchor | null = () => null;
  let onAnchorMoved: (by: number) => void = () => undefined;

  interface PageRequest {
    readonly query: SessionQuery;
    readonly filter: SessionFilter;
  }

  async function readPage(
    block: number,
    from: Map<number, string | null>,
    asked: PageRequest,
  ): Promise<Envelope<{ rows: readonly Session[]; isLast: boolean }>> {
    let start = block;
    while (!from.has(start)) start -= 1;
    const after = from.get(start) ?? null;
    const skip = (block - start) * pageSize;
    const answer = await host.call('sessions.page', {
      filter: asked.filter,
      sort: asked.query.sort,
      after,
      skip,
      limit: pageSize,
      viewId,
      generation: requestId,
    });
    if (!answer.ok) return answer;
    if (answer.value.next !== null) from.set(block + 1, answer.value.next);
    return { ok: true, value: { rows: answer.value.rows, isLast: answer.value.next === null } };
  }

  let pendingReload: Promise<void> = Promise.resolve();

  /** Reads the counts and what is visible again. `follow`: also where the row under the cursor moves with it. */
  function reload(follow = true): Promise<void> {
    pendingReload = reloadNow(follow);
    return pendingReload;
  }

  async function reloadNow(follow: boolean): Promise<void> {
    const mine = ++requestId;
    const asked: PageRequest = { query: query.value, filter: toSessionFilter(query.value, Date.now()) };
    const again = asked.query === loadedQuery.value;
    const wanted = again ? visible : [0];
    const fresh = new Map<number, string | null>([[0, null]]);
    const rows = new Map<number, readonly Session[]>();
    // The rows first: a count of many would keep them waiting.
    const first = readPage(wanted[0] ?? 0, fresh, asked);
    const counting = host.call('sessions.counts', { filter: asked.filter, viewId });
    let end = 0;
    let isWhole = false;
    for (const block of wanted) {
      const answer = await (block === wanted[0] ? first : readPage(block, fresh, asked));
      if (mine !== requestId) return;
      if (!answer.ok) return void (failure.value = answer.error);
      rows.set(block, answer.value.rows);
      end = block * pageSize + answer.value.rows.length;
      isWhole = answer.value.isLast;
    }
    const soon = await Promise.race([
      counting,
      new Promise<null>((resolve) =>
        setTimeout(() => resolve(null), again ? countTimeoutMs.reload : countTimeoutMs.firstLoad),
      ),
    ]);
    if (mine !== requestId) return;
    if (soon && !soon.ok) return void (failure.value = soon.error);
    failure.value = null;
    const place = again ? scrollAnchor() : null;
    const by = place === null ? 0 : anchorShift(place, rows);
    if (by === null && !follow) {
      hasPendingChanges.value = true;
      if (soon) counts.value = soon.value;
      return;
    }
    hasPendingChanges.value = false;
    cursors = fresh;
    pendingPages.clear();
    replaceAll(rows);
    filter.value = asked.filter;
    total.value = soon ? soon.value.total : isWhole && end > 0 ? end : again ? Math.max(total.value, end) : end;
    hasExactCount.value = soon !== null;
    if (soon) counts.value = soon.value;
    loadedQuery.value = asked.query;
    if (by) onAnchorMoved(by);
    if (soon) return;
    const late = await counting;
    if (mine !== requestId) return;
    if (!late.ok) return void (failure.value = late.error);
    counts.value = late.value;
    total.value = late.value.total;
    hasExactCount.value = true;
  }

  /** How far the row under the cursor moves; null where it is nowhere near any more. */
  function anchorShift({ index, key }: ScrollAnchor, rows: ReadonlyMap<number, readonly Session[]>): number | null {
    for (const [block, list] of rows) {
      const within = list.findIndex((row) => row.key === key);
      if (within >= 0) return block * pageSize + within - index;
    }
    return null;
  }

  /** Sees to it that these rows come. Called by the grid whenever what it shows changes. */
  async function ensureLoaded(first: number, last: number): Promise<void> {
    visible = pagesInRange(first, last);
    const mine = requestId;
    const asked = loadedQuery.value;
    if (!asked) return;
    for (const block of visible) {
      if (hasPage(block) || pendingPages.has(block) || asked !== query.value) continue;
      pendingPages.add(block);
      const answer = await readPage(block, cursors, { query: asked, filter: filter.value });
      if (mine !== requestId) return;
      pendingPages.delete(block);
      if (answer.ok) setPage(block, answer.value.rows);
      else failure.value = answer.error;
    }
  }

  /** The keys from one place to another, both included, read where they are not known. */
  async function keysBetween(from: number, to: number): Promise<number[]> {
    const keys: number[] = [];
    for (const block of pagesInRange(Math.min(from, to), Math.max(from, to))) {
      if (!hasPage(block)) {
        const answer = await readPage(block, cursors, { query: query.value, filter: filter.value });
        if (answer.ok) setPage(block, answer.value.rows);
        else failure.value = answer.error;
      }
      for (let index = block * pageSize; index < (block + 1) * pageSize; index += 1) {
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
  /** Not before the last reading is over: a count that takes a while would never come to its end. */
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
    const answer = await host.call('sessions.add', input);
    if (answer.ok) void reload();
    return answer;
  }

  async function applyEvent(input: CallInput<'sessions.applyWebhookEvent'>): Promise<Envelope<Session>> {
    const answer = await host.call('sessions.applyWebhookEvent', input);
    if (answer.ok) void reload();
    return answer;
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
    /** The grid says which row must not move, and follows where it does. */
    setScrollAnchor(which: () => ScrollAnchor | null, follow: (by: number) => void): void {
      scrollAnchor = which;
      onAnchorMoved = follow;
    },
    /** When the list answers the address as it now is, or has failed to. */
    async whenLoaded(): Promise<void> {
      for (let last: Promise<void> | null = null; last !== pendingReload;) await (last = pendingReload);
    },
    indexOf: (key: number): number => findIndex((row) => row.key === key),
  };
});
