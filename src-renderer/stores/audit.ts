/**
 * The audit log as its address asks for it, newest first, read by pages. Without a filter a record's place follows from its sequence,
 * so that a missing one leaves a gap; with one it is counted from the oldest that matches. Either way a new record moves none of the others.
 */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { auditFilterOf, auditQueryOf, wholeLog } from '../composables/audit-query-params.ts';
import type { AuditListing } from '../composables/audit-query-params.ts';
import type { AuditChain, AuditFilter, AuditRecord, CallError, Envelope, OutcomesOfDay } from '../contract.ts';
import { blocksOf, blockSize, useBlocks } from './page-cache.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

/** As many newly matching records are taken in at once; where more came, the list is read anew. */
const mostNew = 200;

export const useAudit = defineStore('audit', () => {
  const host = useHost();
  const desk = useDesk();
  /** What the rows on the screen answer. */
  const listing = shallowRef<AuditListing>(wholeLog);
  /** The newest record's sequence; null until the first page came. */
  const head = shallowRef<number | null>(null);
  /** How many records the filter matches up to the head; without one, as many as the head's sequence says. */
  const total = shallowRef(0);
  const failure = shallowRef<CallError | null>(null);
  const { at, has, set, replaceAll, find } = useBlocks<AuditRecord | null>();
  const underWay = new Set<number>();
  let wanted: AuditListing = wholeLog;
  let filter: AuditFilter | undefined;
  /** The newest record that the filter matches. */
  let newestMatch = 0;
  let run = 0;

  const place = (index: number): number => total.value - 1 - index;
  const isFiltered = computed(() => auditFilterOf(listing.value) !== undefined);

  /** Block b holds the places b * size to (b + 1) * size - 1, oldest first. */
  async function read(block: number): Promise<void> {
    const mine = run;
    underWay.add(block);
    const start = block * blockSize;
    const skip = Math.max(0, total.value - start - blockSize);
    const answer = await host.ask(
      'audit.page',
      filter
        ? { filter, before: newestMatch + 1, skip, limit: Math.min(blockSize, total.value - start) }
        : { before: start + blockSize + 1, limit: blockSize },
    );
    if (mine !== run) return;
    underWay.delete(block);
    if (!answer.ok) {
      failure.value = answer.error;
      return;
    }
    const rows = Array<AuditRecord | null>(blockSize).fill(null);
    if (filter)
      answer.value.rows.toReversed().forEach((row, offset) => {
        rows[offset] = row;
      });
    else for (const row of answer.value.rows) if (row.sequence > start) rows[row.sequence - start - 1] = row;
    set(block, rows);
  }

  async function load(): Promise<void> {
    const mine = ++run;
    const next = wanted;
    const asked = auditFilterOf(next);
    const [newest, matching] = await Promise.all([
      host.ask('audit.page', { before: null, limit: 1 }),
      asked ? host.ask('audit.page', { filter: asked, before: null, limit: 1 }) : null,
    ]);
    if (mine !== run) return;
    const failed = [newest, matching].find((answer) => answer?.ok === false);
    failure.value = failed && !failed.ok ? failed.error : null;
    if (!newest.ok || matching?.ok === false) return;
    underWay.clear();
    replaceAll(new Map());
    filter = asked;
    listing.value = next;
    head.value = newest.value.rows[0]?.sequence ?? 0;
    newestMatch = matching?.value.rows[0]?.sequence ?? 0;
    total.value = matching ? matching.value.total : head.value;
    if (total.value > 0) await read(Math.floor((total.value - 1) / blockSize));
  }

  /** Reads the log as this listing has it; what is shown stays until that is here. */
  async function show(next: AuditListing, anew = false): Promise<void> {
    const isSame = JSON.stringify(auditQueryOf(next)) === JSON.stringify(auditQueryOf(wanted));
    wanted = next;
    if (!isSame || anew) await load();
  }

  async function need(first: number, last: number): Promise<void> {
    if (total.value === 0) return;
    await Promise.all(
      blocksOf(place(Math.min(last, total.value - 1)), place(first))
        .filter((block) => !has(block) && !underWay.has(block))
        .map(read),
    );
  }

  let following: Promise<void> = Promise.resolve();
  async function follow(last: number): Promise<void> {
    const known = head.value;
    if (known === null || last <= known) return;
    if (!filter) {
      await Promise.all(
        blocksOf(known, last - 1)
          .slice(-2)
          .map(read),
      );
      head.value = Math.max(last, head.value ?? 0);
      total.value = head.value;
      return;
    }
    const mine = run;
    const answer = await host.ask('audit.page', { filter, before: null, limit: mostNew });
    if (mine !== run || !answer.ok) return;
    const fresh = answer.value.rows.filter(({ sequence }) => sequence > newestMatch);
    if (fresh.length === mostNew) return load();
    head.value = last;
    if (fresh.length === 0) return;
    newestMatch = fresh[0]?.sequence ?? newestMatch;
    const before = total.value;
    total.value += fresh.length;
    await Promise.all(blocksOf(before, total.value - 1).map(read));
  }
  host.on('audit.appended', ({ lastSequence }) => {
    following = following.then(() => follow(lastSequence));
  });
  watch(
    () => desk.generation,
    () => {
      if (head.value === null) return;
      head.value = null;
      void load();
    },
  );

  return {
    listing,
    head,
    failure,
    total,
    isFiltered,
    show,
    load,
    need,
    /** The record at a place counted from the newest; null where the log has a gap, undefined while it is being read. */
    at: (index: number): AuditRecord | null | undefined => at(place(index)),
    /** What a gap would be called, or an open record found by. */
    sequenceAt: (index: number): number => at(place(index))?.sequence ?? total.value - index,
    /** -1 where the record is not in the list, or not among those that are kept. */
    indexOf(sequence: number): number {
      const found = isFiltered.value ? find((row) => row?.sequence === sequence) : sequence - 1;
      return found < 0 || found >= total.value ? -1 : place(found);
    },
    outcomesPerDay: (span: { from: string; to: string }): Promise<Envelope<OutcomesOfDay[]>> =>
      host.ask('audit.outcomesPerDay', span),
    record: (sequence: number): Promise<Envelope<AuditChain | null>> => host.ask('audit.record', { sequence }),
  };
});
