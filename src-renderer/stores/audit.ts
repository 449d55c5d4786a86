/**
 * The audit log as the URL requests it, newest first, read by pages. Without a filter a record's position is its
 * sequence, so that a missing record leaves a gap. With a filter the position is counted from the oldest match. In both
 * cases a new record does not change the position of the others.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { toAuditFilter, toAuditUrlQuery, emptyAuditQuery } from '../composables/audit-query-params.ts';
import type { AuditQuery } from '../composables/audit-query-params.ts';
import type { AuditChain, AuditFilter, AuditRecord, CallError, Envelope, DailyOutcomes } from '../contract.ts';
import { pagesInRange, pageSize, usePageCache } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

/** Up to this number of new matches is appended; if more have arrived, the list is read again. */
const maxNewRecords = 200;

export const useAudit = defineStore('audit', () => {
  const host = useHost();
  const workspace = useWorkspace();
  /** The query that the rows on screen belong to. */
  const query = shallowRef<AuditQuery>(emptyAuditQuery);
  /** The newest record's sequence; null until the first page is loaded. */
  const headSequence = shallowRef<number | null>(null);
  /** Number of records that match the filter; without a filter, the head's sequence. */
  const total = shallowRef(0);
  const failure = shallowRef<CallError | null>(null);
  const { rowAt, hasPage, setPage, replaceAll, findIndex } = usePageCache<AuditRecord | null>();
  const pendingPages = new Set<number>();
  let requestedQuery: AuditQuery = emptyAuditQuery;
  let filter: AuditFilter | undefined;
  /** Sequence of the newest record that matches the filter. */
  let newestMatch = 0;
  let requestId = 0;

  const indexFromOldest = (index: number): number => total.value - 1 - index;
  const isFiltered = computed(() => toAuditFilter(query.value) !== undefined);

  /** Page p holds the positions p * pageSize to (p + 1) * pageSize - 1, oldest first. */
  async function readPage(pageIndex: number): Promise<void> {
    const currentRequest = requestId;
    pendingPages.add(pageIndex);
    const start = pageIndex * pageSize;
    const skip = Math.max(0, total.value - start - pageSize);
    const result = await host.call(
      'audit.page',
      filter
        ? { filter, before: newestMatch + 1, skip, limit: Math.min(pageSize, total.value - start) }
        : { before: start + pageSize + 1, limit: pageSize },
    );
    if (currentRequest !== requestId) return;
    pendingPages.delete(pageIndex);
    if (!result.ok) {
      failure.value = result.error;
      return;
    }
    const rows = Array<AuditRecord | null>(pageSize).fill(null);
    if (filter)
      result.value.rows.toReversed().forEach((row, offset) => {
        rows[offset] = row;
      });
    else for (const row of result.value.rows) if (row.sequence > start) rows[row.sequence - start - 1] = row;
    setPage(pageIndex, rows);
  }

  async function load(): Promise<void> {
    const currentRequest = ++requestId;
    const next = requestedQuery;
    const nextFilter = toAuditFilter(next);
    const [newest, matching] = await Promise.all([
      host.call('audit.page', { before: null, limit: 1 }),
      nextFilter ? host.call('audit.page', { filter: nextFilter, before: null, limit: 1 }) : null,
    ]);
    if (currentRequest !== requestId) return;
    const failed = [newest, matching].find((result) => result?.ok === false);
    failure.value = failed && !failed.ok ? failed.error : null;
    if (!newest.ok || matching?.ok === false) return;
    pendingPages.clear();
    replaceAll(new Map());
    filter = nextFilter;
    query.value = next;
    headSequence.value = newest.value.rows[0]?.sequence ?? 0;
    newestMatch = matching?.value.rows[0]?.sequence ?? 0;
    total.value = matching ? matching.value.total : headSequence.value;
    if (total.value > 0) await readPage(Math.floor((total.value - 1) / pageSize));
  }

  /** Reads the log with this query. The rows on screen stay until the new ones are loaded. */
  async function setQuery(next: AuditQuery, shouldReload = false): Promise<void> {
    const isSame = JSON.stringify(toAuditUrlQuery(next)) === JSON.stringify(toAuditUrlQuery(requestedQuery));
    requestedQuery = next;
    if (!isSame || shouldReload) await load();
  }

  async function ensureLoaded(first: number, last: number): Promise<void> {
    if (total.value === 0) return;
    await Promise.all(
      pagesInRange(indexFromOldest(Math.min(last, total.value - 1)), indexFromOldest(first))
        .filter((pageIndex) => !hasPage(pageIndex) && !pendingPages.has(pageIndex))
        .map(readPage),
    );
  }

  let appendQueue: Promise<void> = Promise.resolve();
  async function applyAppended(lastSequence: number): Promise<void> {
    const knownHead = headSequence.value;
    if (knownHead === null || lastSequence <= knownHead) return;
    if (!filter) {
      await Promise.all(
        pagesInRange(knownHead, lastSequence - 1)
          .slice(-2)
          .map(readPage),
      );
      headSequence.value = Math.max(lastSequence, headSequence.value ?? 0);
      total.value = headSequence.value;
      return;
    }
    const currentRequest = requestId;
    const result = await host.call('audit.page', { filter, before: null, limit: maxNewRecords });
    if (currentRequest !== requestId || !result.ok) return;
    const newRecords = result.value.rows.filter(({ sequence }) => sequence > newestMatch);
    if (newRecords.length === maxNewRecords) return load();
    headSequence.value = lastSequence;
    if (newRecords.length === 0) return;
    newestMatch = newRecords[0]?.sequence ?? newestMatch;
    const previousTotal = total.value;
    total.value += newRecords.length;
    await Promise.all(pagesInRange(previousTotal, total.value - 1).map(readPage));
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
    /** `index` is counted from the newest record. Null for a gap in the log, undefined while the record is loading. */
    recordAt: (index: number): AuditRecord | null | undefined => rowAt(indexFromOldest(index)),
    /** The record's sequence; for a gap, the sequence of the missing record. */
    sequenceAt: (index: number): number => rowAt(indexFromOldest(index))?.sequence ?? total.value - index,
    /** -1 if the record is not in the list, or if a filter is set and its page is not cached. */
    indexOf(sequence: number): number {
      const position = isFiltered.value ? findIndex((row) => row?.sequence === sequence) : sequence - 1;
      return position < 0 || position >= total.value ? -1 : indexFromOldest(position);
    },
    fetchOutcomesPerDay: (span: { from: string; to: string }): Promise<Envelope<DailyOutcomes[]>> =>
      host.call('audit.outcomesPerDay', span),
    fetchRecord: (sequence: number): Promise<Envelope<AuditChain | null>> => host.call('audit.record', { sequence }),
  };
});
