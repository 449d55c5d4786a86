/** The list of sessions that matches the filter: read block by block as it scrolls by, changed in place by events. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { CallError, CallInput, Envelope, Session, SessionCounts, SessionStatus } from '../contract.ts';
import { blocksOf, blockSize, useBlocks } from './blocks.ts';
import { useDesk } from './desk.ts';
import { useHost } from './host.ts';

export interface Filter {
  readonly search: string;
  readonly status: SessionStatus | null;
}

/** Changes are gathered this long before the list is read again. */
const settleMs = 400;

export const useSessions = defineStore('sessions', () => {
  const host = useHost();
  const desk = useDesk();
  const filter = shallowRef<Filter>({ search: '', status: null });
  const counts = shallowRef<SessionCounts | null>(null);
  const failure = shallowRef<CallError | null>(null);
  /** The filter that the rows on screen answer; null until the first answer. */
  const shown = shallowRef<Filter | null>(null);
  const { at, has, set, replaceAll, patch, find } = useBlocks<Session>();

  /** Where each block begins: the cursor before it. Block 0 begins at the beginning. */
  let cursors = new Map<number, string | null>([[0, null]]);
  let visible: readonly number[] = [0];
  let run = 0;
  const underWay = new Set<number>();

  async function read(block: number, from: Map<number, string | null>): Promise<Envelope<readonly Session[]>> {
    let start = block;
    while (!from.has(start)) start -= 1;
    const after = from.get(start) ?? null;
    const skip = (block - start) * blockSize;
    const answer = await host.ask('sessions.page', { filter: filter.value, after, skip, limit: blockSize });
    if (!answer.ok) return answer;
    if (answer.value.next !== null) from.set(block + 1, answer.value.next);
    return { ok: true, value: answer.value.rows };
  }

  let reading: Promise<void> = Promise.resolve();

  /** Reads the counts and what is visible again, and shows both at once. */
  function reload(): Promise<void> {
    reading = readAgain();
    return reading;
  }

  async function readAgain(): Promise<void> {
    const mine = ++run;
    const asked = filter.value;
    const wanted = asked === shown.value ? visible : [0];
    const fresh = new Map<number, string | null>([[0, null]]);
    const rows = new Map<number, readonly Session[]>();
    const counting = host.ask('sessions.counts', { filter: { search: asked.search } });
    let problem: CallError | null = null;
    for (const block of wanted) {
      const answer = await read(block, fresh);
      if (mine !== run) return;
      if (answer.ok) rows.set(block, answer.value);
      else problem = answer.error;
    }
    const counted = await counting;
    if (mine !== run) return;
    failure.value = counted.ok ? problem : counted.error;
    if (!counted.ok || problem) return;
    counts.value = counted.value;
    cursors = fresh;
    underWay.clear();
    replaceAll(rows);
    shown.value = asked;
  }

  /** Sees to it that these rows come. Called by the grid whenever what it shows changes. */
  async function need(first: number, last: number): Promise<void> {
    visible = blocksOf(first, last);
    const mine = run;
    for (const block of visible) {
      if (has(block) || underWay.has(block) || shown.value !== filter.value) continue;
      underWay.add(block);
      const answer = await read(block, cursors);
      if (mine !== run) return;
      underWay.delete(block);
      if (answer.ok) set(block, answer.value);
      else failure.value = answer.error;
    }
  }

  async function show(next: Filter): Promise<void> {
    if (shown.value && next.search === filter.value.search && next.status === filter.value.status) return;
    filter.value = next;
    await reload();
  }

  let settling: ReturnType<typeof setTimeout> | undefined;
  host.on('sessions.changed', ({ rows }) => {
    const changed = new Map(rows.map((row) => [row.key, row]));
    patch((row) => changed.get(row.key));
    if (shown.value) settling ??= setTimeout(() => {
      settling = undefined;
      void reload();
    }, settleMs);
  });
  watch(() => desk.generation, () => {
    if (!shown.value) return;
    shown.value = null;
    counts.value = null;
    void reload();
  });

  const total = computed(() => {
    if (!counts.value || !shown.value) return 0;
    return shown.value.status ? (counts.value.byStatus[shown.value.status] ?? 0) : counts.value.total;
  });

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
    filter, counts, failure, shown, total, at, show, need, reload, add, applyEvent,
    /** When the list answers the filter as it now is. */
    settled: (): Promise<void> => reading,
    indexOf: (key: number): number => find((row) => row.key === key),
  };
});
