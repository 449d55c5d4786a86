/** The list of sessions as the address asks for it: read block by block as it scrolls by, changed in place by events. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { everything, filterOf, isSameListing } from '../composables/session-query-params.ts';
import type { Listing } from '../composables/session-query-params.ts';
import { allSessions } from '../contract.ts';
import type { CallError, CallInput, Envelope, Session, SessionCounts, SessionFilter } from '../contract.ts';
import { blocksOf, blockSize, useBlocks } from './page-cache.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

/** Changes are gathered this long before the list is read again. */
const settleMs = 400;
/** A count that takes longer than this follows its rows; where rows stand already they can wait a little, and nothing jumps. */
const countMs = { again: 150, anew: 40 };
const viewer = Math.random().toString(36).slice(2);

/** Where the list stands under somebody's eyes or hand: this row must not move by itself. */
export interface Held {
  readonly index: number;
  readonly key: number;
}

export const useSessions = defineStore('sessions', () => {
  const host = useHost();
  const desk = useDesk();
  const listing = shallowRef<Listing>(everything);
  const counts = shallowRef<SessionCounts | null>(null);
  /** The counts are those of the rows on screen. */
  const counted = shallowRef(false);
  const failure = shallowRef<CallError | null>(null);
  /** The listing that the rows on screen answer, and its filter with the instants of that moment; null until the first answer. */
  const shown = shallowRef<Listing | null>(null);
  const filter = shallowRef<SessionFilter>(allSessions);
  const total = shallowRef(0);
  /** The list has changed in a way that would move the row under the cursor; what is shown waits. */
  const behind = shallowRef(false);
  const { at, has, set, replaceAll, patch, find } = useBlocks<Session>();

  /** Where each block begins: the cursor before it. Block 0 begins at the beginning. */
  let cursors = new Map<number, string | null>([[0, null]]);
  let visible: readonly number[] = [0];
  let run = 0;
  const underWay = new Set<number>();
  let held: () => Held | null = () => null;
  let moved: (by: number) => void = () => undefined;

  interface Asked {
    readonly listing: Listing;
    readonly filter: SessionFilter;
  }

  async function read(
    block: number,
    from: Map<number, string | null>,
    asked: Asked,
  ): Promise<Envelope<{ rows: readonly Session[]; isLast: boolean }>> {
    let start = block;
    while (!from.has(start)) start -= 1;
    const after = from.get(start) ?? null;
    const skip = (block - start) * blockSize;
    const answer = await host.ask('sessions.page', {
      filter: asked.filter,
      sort: asked.listing.sort,
      after,
      skip,
      limit: blockSize,
      viewer,
      turn: run,
    });
    if (!answer.ok) return answer;
    if (answer.value.next !== null) from.set(block + 1, answer.value.next);
    return { ok: true, value: { rows: answer.value.rows, isLast: answer.value.next === null } };
  }

  let reading: Promise<void> = Promise.resolve();

  /** Reads the counts and what is visible again. `follow`: also where the row under the cursor moves with it. */
  function reload(follow = true): Promise<void> {
    reading = readAgain(follow);
    return reading;
  }

  async function readAgain(follow: boolean): Promise<void> {
    const mine = ++run;
    const asked: Asked = { listing: listing.value, filter: filterOf(listing.value, Date.now()) };
    const again = asked.listing === shown.value;
    const wanted = again ? visible : [0];
    const fresh = new Map<number, string | null>([[0, null]]);
    const rows = new Map<number, readonly Session[]>();
    // The rows first: a count of many would keep them waiting.
    const first = read(wanted[0] ?? 0, fresh, asked);
    const counting = host.ask('sessions.counts', { filter: asked.filter, viewer });
    let end = 0;
    let isWhole = false;
    for (const block of wanted) {
      const answer = await (block === wanted[0] ? first : read(block, fresh, asked));
      if (mine !== run) return;
      if (!answer.ok) return void (failure.value = answer.error);
      rows.set(block, answer.value.rows);
      end = block * blockSize + answer.value.rows.length;
      isWhole = answer.value.isLast;
    }
    const soon = await Promise.race([
      counting,
      new Promise<null>((resolve) => setTimeout(() => resolve(null), again ? countMs.again : countMs.anew)),
    ]);
    if (mine !== run) return;
    if (soon && !soon.ok) return void (failure.value = soon.error);
    failure.value = null;
    const place = again ? held() : null;
    const by = place === null ? 0 : shiftOf(place, rows);
    if (by === null && !follow) {
      behind.value = true;
      if (soon) counts.value = soon.value;
      return;
    }
    behind.value = false;
    cursors = fresh;
    underWay.clear();
    replaceAll(rows);
    filter.value = asked.filter;
    total.value = soon ? soon.value.total : isWhole && end > 0 ? end : again ? Math.max(total.value, end) : end;
    counted.value = soon !== null;
    if (soon) counts.value = soon.value;
    shown.value = asked.listing;
    if (by) moved(by);
    if (soon) return;
    const late = await counting;
    if (mine !== run) return;
    if (!late.ok) return void (failure.value = late.error);
    counts.value = late.value;
    total.value = late.value.total;
    counted.value = true;
  }

  /** How far the row under the cursor moves; null where it is nowhere near any more. */
  function shiftOf({ index, key }: Held, rows: ReadonlyMap<number, readonly Session[]>): number | null {
    for (const [block, list] of rows) {
      const within = list.findIndex((row) => row.key === key);
      if (within >= 0) return block * blockSize + within - index;
    }
    return null;
  }

  /** Sees to it that these rows come. Called by the grid whenever what it shows changes. */
  async function need(first: number, last: number): Promise<void> {
    visible = blocksOf(first, last);
    const mine = run;
    const asked = shown.value;
    if (!asked) return;
    for (const block of visible) {
      if (has(block) || underWay.has(block) || asked !== listing.value) continue;
      underWay.add(block);
      const answer = await read(block, cursors, { listing: asked, filter: filter.value });
      if (mine !== run) return;
      underWay.delete(block);
      if (answer.ok) set(block, answer.value.rows);
      else failure.value = answer.error;
    }
  }

  /** The keys from one place to another, both included, read where they are not known. */
  async function keysBetween(from: number, to: number): Promise<number[]> {
    const keys: number[] = [];
    for (const block of blocksOf(Math.min(from, to), Math.max(from, to))) {
      if (!has(block)) {
        const answer = await read(block, cursors, { listing: listing.value, filter: filter.value });
        if (answer.ok) set(block, answer.value.rows);
        else failure.value = answer.error;
      }
      for (let index = block * blockSize; index < (block + 1) * blockSize; index += 1) {
        const row = index >= Math.min(from, to) && index <= Math.max(from, to) ? at(index) : undefined;
        if (row) keys.push(row.key);
      }
    }
    return keys;
  }

  async function show(next: Listing): Promise<void> {
    if (shown.value && isSameListing(next, listing.value)) return;
    listing.value = next;
    counted.value = false;
    await reload();
  }

  let settling: ReturnType<typeof setTimeout> | undefined;
  /** Not before the last reading is over: a count that takes a while would never come to its end. */
  function settle(): void {
    settling ??= setTimeout(
      () =>
        void reading.then(() => {
          settling = undefined;
          if (shown.value) void reload(false);
        }),
      settleMs,
    );
  }
  host.on('sessions.changed', ({ rows }) => {
    const changed = new Map(rows.map((row) => [row.key, row]));
    patch((row) => changed.get(row.key));
    if (shown.value) settle();
  });
  watch(
    () => desk.generation,
    () => {
      if (!shown.value) return;
      shown.value = null;
      counts.value = null;
      void reload();
    },
  );

  const isCurrent = computed(() => shown.value === listing.value);

  async function add(input: CallInput<'sessions.add'>): Promise<Envelope<Session>> {
    const answer = await host.ask('sessions.add', input);
    if (answer.ok) void reload();
    return answer;
  }

  async function applyEvent(input: CallInput<'sessions.applyEvent'>): Promise<Envelope<Session>> {
    const answer = await host.ask('sessions.applyEvent', input);
    if (answer.ok) void reload();
    return answer;
  }

  return {
    listing,
    filter,
    counts,
    counted,
    failure,
    shown,
    isCurrent,
    total,
    behind,
    at,
    show,
    need,
    reload,
    add,
    applyEvent,
    keysBetween,
    /** The grid says which row must not move, and follows where it does. */
    hold(which: () => Held | null, follow: (by: number) => void): void {
      held = which;
      moved = follow;
    },
    /** When the list answers the address as it now is, or has failed to. */
    async settled(): Promise<void> {
      for (let last: Promise<void> | null = null; last !== reading;) await (last = reading);
    },
    indexOf: (key: number): number => find((row) => row.key === key),
  };
});
