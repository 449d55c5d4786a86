/**
 * The audit log as its address asks for it, newest first, read by pages. Without a filter a record's place follows from its sequence,
 * so that a missing one leaves a gap; with one it is counted from the oldest that matches. Either way a new record moves none of the others.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { toAuditFilter, toAuditUrlQuery, emptyAuditQuery } from '../composables/audit-query-params.ts';
import type { AuditQuery } from '../composables/audit-query-params.ts';
import type { AuditChain, AuditFilter, AuditRecord, CallError, Envelope, DailyOutcomes } from '../contract.ts';
import { pagesInRange, pageSize, usePageCache } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

/** As many newly matching records are taken in at once; where more came, the list is read anew. */
const maxNewRecords = 200;

export const useAudit = defineStore('audit', () => {
  const host = useHost();
  const workspace = useWorkspace();
  /** What the rows on the screen answer. */
  const query = shallowRef<AuditQuery>(emptyAuditQuery);
  /** The newest record's sequence; null until the first page came. */
  const headSequence = shallowRef<number | null>(null);
  /** How many records the filter matches up to the head; without one, as many as the head's sequence says. */
  const total = shallowRef(0);
  const failure = shallowRef<CallError | null>(null);
  const { rowAt, hasPage, setPage, replaceAll, findIndex } = usePageCache<AuditRecord | null>();
  const pendingPages = new Set<number>();
  let requestedQuery: AuditQuery = emptyAuditQuery;
  let filter: AuditFilter | undefined;
  /** The newest record that the filter matches. */
  let newestMatch = 0;
  let requestId = 0;

  const indexFromOldest = (index: number): number => total.value - 1 - index;
  const isFiltered = computed(() => toAuditFilter(query.value) !== undefined);

  /** Block b holds the places b * size to (b + 1) * size - 1, oldest first. */
  async function readPage(block: number): Promise<void> {
    const mine = requestId;
    pendingPages.add(block);
    const start = block * pageSize;
    const skip = Math.max(0, total.value - start - pageSize);
    const answer = await host.call(
      'audit.page',
      filter
        ? { filter, before: newestMatch + 1, skip, limit: Math.min(pageSize, total.value - start) }
        : { before: start + pageSize + 1, limit: pageSize },
    );
    if (mine !== requestId) return;
    pendingPages.delete(block);
    if (!answer.ok) {
      failure.value = answer.error;
      return;
    }
    const rows = Array<AuditRecord | null>(pageSize).fill(null);
    if (filter)
      answer.value.rows.toReversed().forEach((row, offset) => {
        rows[offset] = row;
      });
    else for (const row of answer.value.rows) if (row.sequence > start) rows[row.sequence - start - 1] = row;
    setPage(block, rows);
  }

  async function load(): Promise<void> {
    const mine = ++requestId;
    const next = requestedQuery;
    const asked = toAuditFilter(next);
    const [newest, matching] = await Promise.all([
      host.call('audit.page', { before: null, limit: 1 }),
      asked ? host.call('audit.page', { filter: asked, before: null, limit: 1 }) : null,
    ]);
    if (mine !== requestId) return;
    const failed = [newest, matching].find((answer) => answer?.ok === false);
    failure.value = failed && !failed.ok ? failed.error : null;
    if (!newest.ok || matching?.ok === false) return;
    pendingPages.clear();
    replaceAll(new Map());
    filter = asked;
    query.value = next;
    headSequence.value = newest.value.rows[0]?.sequence ?? 0;
    newestMatch = matching?.value.rows[0]?.sequence ?? 0;
    total.value = matching ? matching.value.total : headSequence.value;
    if (total.value > 0) await readPage(Math.floor((total.value - 1) / pageSize));
  }

  /** Reads the log as this query has it; what is shown stays until that is here. */
  async function setQuery(next: AuditQuery, anew = false): Promise<void> {
    const isSame = JSON.stringify(toAuditUrlQuery(next)) === JSON.stringify(toAuditUrlQuery(requestedQuery));
    requestedQuery = next;
    if (!isSame || anew) await load();
  }

  async function ensureLoaded(first: number, last: number): Promise<void> {
    if (total.value === 0) return;
    await Promise.all(
      pagesInRange(indexFromOldest(Math.min(last, total.value - 1)), indexFromOldest(first))
        .filter((block) => !hasPage(block) && !pendingPages.has(block))
        .map(readPage),
    );
  }

  let appendQueue: Promise<void> = Promise.resolve();
  async function applyAppended(last: number): Promise<void> {
    const known = headSequence.value;
    if (known === null || last <= known) return;
    if (!filter) {
      await Promise.all(
        pagesInRange(known, last - 1)
          .slice(-2)
          .map(readPage),
      );
      headSequence.value = Math.max(last, headSequence.value ?? 0);
      total.value = headSequence.value;
      return;
    }
    const mine = requestId;
    const answer = await host.call('audit.page', { filter, before: null, limit: maxNewRecords });
    if (mine !== requestId || !answer.ok) return;
    const fresh = answer.value.rows.filter(({ sequence }) => sequence > newestMatch);
    if (fresh.length === maxNewRecords) return load();
    headSequence.value = last;
    if (fresh.length === 0) return;
    newestMatch = fresh[0]?.sequence ?? newestMatch;
    const before = total.value;
    total.value += fresh.length;
    await Promise.all(pagesInRange(before, total.value - 1).map(readPage));
  }
  host.on('audit.appended', ({ lastSequence }) => {
    appendQueue = appendQueue.then(() => applyAppended(lastSequence));
  });
  watch(
    () => workspace.generation,
    () => {
      if (headSequence.value === null) return;
      headSequence.value = null;
      void load();
    },
  );

  return {
    query,
    headSequence,
    failure,
    total,
    isFiltered,
    setQuery,
    load,
    ensureLoaded,
    /** The record at a place counted from the newest; null where the log has a gap, undefined while it is being read. */
    recordAt: (index: number): AuditRecord | null | undefined => rowAt(indexFromOldest(index)),
    /** What a gap would be called, or an open record found by. */
    sequenceAt: (index: number): number => rowAt(indexFromOldest(index))?.sequence ?? total.value - index,
    /** -1 where the record is not in the list, or not among those that are kept. */
    indexOf(sequence: number): number {
      const found = isFiltered.value ? findIndex((row) => row?.sequence === sequence) : sequence - 1;
      return found < 0 || found >= total.value ? -1 : indexFromOldest(found);
    },
    fetchOutcomesPerDay: (span: { from: string; to: string }): Promise<Envelope<DailyOutcomes[]>> =>
      host.call('audit.outcomesPerDay', span),
    fetchRecord: (sequence: number): Promise<Envelope<AuditChain | null>> => host.call('audit.record', { sequence }),
  };
});
