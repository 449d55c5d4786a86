/**
 * The audit log as the URL requests it, newest first, read by pages. Without a filter a record's position is its
 * sequence, so that a missing record leaves a gap. With a filter the position is counted from the oldest match. In both
 * cases a new record does not change the position of the others.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { toAuditFilter, toAuditUrlQuery, emptyAuditQuery } from '../audit-query.ts';
import type { AuditQuery } from '../audit-query.ts';
import type { ExportFormat, AuditFilter, AuditRecord, CallError, VerificationResult } from '../contract.ts';
import { pagesInRange, pageSize, usePagedList } from './page-cache.ts';
import { useWorkspace } from './workspace.ts';
import { errorOf, isHostUnreachable, useHost } from './host.ts';

/** Up to this number of new matches is appended; if more have arrived, the list is read again. */
const maxNewRecords = 200;

interface AuditRange {
  readonly filter: AuditFilter | undefined;
  /** Sequence of the newest record that matches the filter. */
  readonly newestMatch: number;
  readonly total: number;
}

export const useAudit = defineStore('audit', () => {
  const host = useHost();
  const workspace = useWorkspace();
  /** The query that the rows on screen belong to. */
  const query = shallowRef<AuditQuery>(emptyAuditQuery);
  /** The newest record's sequence; null until the first page is loaded. */
  const headSequence = shallowRef<number | null>(null);
  /** Number of records that match the filter; without a filter, the head's sequence. */
  const total = shallowRef(0);
  /** What the pages of the list belong to. */
  let range: AuditRange = { filter: undefined, newestMatch: 0, total: 0 };
  let requestedQuery: AuditQuery = emptyAuditQuery;

  /** Page p holds the positions p * pageSize to (p + 1) * pageSize - 1, oldest first. Each can be read directly. */
  const list = usePagedList<AuditRecord | null, null, AuditRange, { rows: (AuditRecord | null)[]; next: null }>(
    null,
    async (of, { skip: start }) => {
      const result = await host.call(
        'audit.list',
        of.filter
          ? {
              filter: of.filter,
              before: of.newestMatch + 1,
              skip: Math.max(0, of.total - start - pageSize),
              limit: Math.min(pageSize, of.total - start),
            }
          : { before: start + pageSize + 1, limit: pageSize },
      );
      if (!result.ok) return result;
      const rows = Array<AuditRecord | null>(pageSize).fill(null);
      if (of.filter)
        result.value.rows.toReversed().forEach((row, offset) => {
          rows[offset] = row;
        });
      else for (const row of result.value.rows) if (row.sequence > start) rows[row.sequence - start - 1] = row;
      return { ok: true, value: { rows, next: null } };
    },
  );
  const { failure, rowAt } = list;

  const indexFromOldest = (index: number): number => total.value - 1 - index;
  const isFiltered = computed(() => toAuditFilter(query.value) !== undefined);

  async function load(): Promise<void> {
    const isLatest = list.startRequest();
    const next = requestedQuery;
    const filter = toAuditFilter(next);
    const [newest, matching] = await Promise.all([
      host.call('audit.list', { before: null, limit: 1 }),
      filter ? host.call('audit.list', { filter, before: null, limit: 1 }) : null,
    ]);
    if (!isLatest()) return;
    failure.value = errorOf(newest) ?? (matching && errorOf(matching));
    if (!newest.ok || matching?.ok === false) return;
    const head = newest.value.rows[0]?.sequence ?? 0;
    const nextRange: AuditRange = {
      filter,
      newestMatch: matching?.value.rows[0]?.sequence ?? 0,
      total: matching ? matching.value.total : head,
    };
    const answer = await list.read(
      nextRange,
      nextRange.total > 0 ? [Math.floor((nextRange.total - 1) / pageSize)] : [],
    );
    if (!answer) return;
    answer.show();
    range = nextRange;
    query.value = next;
    headSequence.value = head;
    total.value = range.total;
  }

  /** Reads the log with this query. The rows on screen stay until the new ones are loaded. */
  async function setQuery(next: AuditQuery, shouldReload = false): Promise<void> {
    const isSame = JSON.stringify(toAuditUrlQuery(next)) === JSON.stringify(toAuditUrlQuery(requestedQuery));
    requestedQuery = next;
    if (!isSame || shouldReload) await load();
  }

  async function ensureLoaded(first: number, last: number): Promise<void> {
    if (total.value > 0)
      await list.ensureLoaded(range, indexFromOldest(Math.min(last, total.value - 1)), indexFromOldest(first));
  }

  async function loadPages(pageIndexes: readonly number[]): Promise<void> {
    await Promise.all(pageIndexes.map((pageIndex) => list.loadPage(range, pageIndex)));
  }

  let appendQueue: Promise<void> = Promise.resolve();
  async function applyAppended(lastSequence: number): Promise<void> {
    const knownHead = headSequence.value;
    if (knownHead === null || lastSequence <= knownHead) return;
    if (!range.filter) {
      await loadPages(pagesInRange(knownHead, lastSequence - 1).slice(-2));
      headSequence.value = Math.max(lastSequence, headSequence.value ?? 0);
      total.value = headSequence.value;
      return;
    }
    const current = range;
    const result = await host.call('audit.list', { filter: range.filter, before: null, limit: maxNewRecords });
    if (current !== range || !result.ok) return;
    const newRecords = result.value.rows.filter(({ sequence }) => sequence > range.newestMatch);
    if (newRecords.length === maxNewRecords) return load();
    headSequence.value = lastSequence;
    const [newest] = newRecords;
    if (!newest) return;
    const previousTotal = total.value;
    total.value += newRecords.length;
    range = { ...range, newestMatch: newest.sequence, total: total.value };
    await loadPages(pagesInRange(previousTotal, total.value - 1));
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
      const position = isFiltered.value ? list.findIndex((row) => row?.sequence === sequence) : sequence - 1;
      return position < 0 || position >= total.value ? -1 : indexFromOldest(position);
    },
  };
});

export type AuditVerificationState =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly checked: number; readonly total: number; readonly isStopping: boolean }
  | { readonly state: 'done'; readonly result: VerificationResult }
  | { readonly state: 'failed'; readonly error: CallError };

const idle: AuditVerificationState = { state: 'idle' };

/**
 * Verification and export of the audit log. A result stays until the next verification or a change of the workspace.
 */
export const useAuditVerification = defineStore('audit-verification', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const audit = useAudit();
  const verification = shallowRef<AuditVerificationState>(idle);

  async function verify(): Promise<void> {
    if (verification.value.state === 'running') return;
    const { generation } = workspace;
    verification.value = { state: 'running', checked: 0, total: audit.headSequence ?? 0, isStopping: false };
    const response = await host.call('audit.verify', {});
    if (generation !== workspace.generation) return;
    verification.value = response.ok
      ? { state: 'done', result: response.value }
      : { state: 'failed', error: response.error };
  }

  /** Also stops a verification that another window has started. */
  async function stop(): Promise<void> {
    if (verification.value.state === 'running') verification.value = { ...verification.value, isStopping: true };
    const response = await host.call('audit.stopVerification', {});
    if (!response.ok && verification.value.state === 'running')
      verification.value = { ...verification.value, isStopping: false };
  }

  function dismiss(): void {
    verification.value = idle;
  }

  host.on('audit.verificationProgress', ({ checked, total }) => {
    if (verification.value.state === 'running') verification.value = { ...verification.value, checked, total };
  });
  watch(
    () => workspace.generation,
    () => {
      // If the host stopped responding during the verification, that error stays after it responds again.
      if (verification.value.state !== 'failed' || !isHostUnreachable(verification.value.error)) dismiss();
    },
  );

  return {
    verification,
    verify,
    stop,
    dismiss,
    /** Exports the records that match the list's filter, or all. */
    exportLog(format: ExportFormat, includesAll: boolean) {
      const filter = includesAll ? undefined : toAuditFilter(audit.query);
      return host.call('audit.export', { format, ...(filter && { filter }) });
    },
  };
});
