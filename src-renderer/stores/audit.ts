/** The audit log, newest first, read by pages. A record's place follows from its sequence, so a missing one leaves a gap. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { AuditRecord, CallError } from '../contract.ts';
import { blocksOf, blockSize, useBlocks } from './blocks.ts';
import { useDesk } from './desk.ts';
import { useHost } from './host.ts';

export const useAudit = defineStore('audit', () => {
  const host = useHost();
  const desk = useDesk();
  /** The newest record's sequence; null until the first page came. */
  const head = shallowRef<number | null>(null);
  const failure = shallowRef<CallError | null>(null);
  // Blocks count from the oldest record, so that a new one moves none of them.
  const { at, has, set, replaceAll } = useBlocks<AuditRecord | null>();
  const underWay = new Set<number>();
  let run = 0;

  const total = computed(() => head.value ?? 0);
  const sequenceAt = (index: number): number => total.value - index;

  /** Block b holds the sequences b * size + 1 to (b + 1) * size, in that order. */
  async function read(block: number): Promise<void> {
    const mine = run;
    underWay.add(block);
    const start = block * blockSize + 1;
    const answer = await host.ask('audit.page', { before: start + blockSize, limit: blockSize });
    if (mine !== run) return;
    underWay.delete(block);
    if (!answer.ok) {
      failure.value = answer.error;
      return;
    }
    const rows = Array<AuditRecord | null>(blockSize).fill(null);
    for (const row of answer.value.rows) if (row.sequence >= start) rows[row.sequence - start] = row;
    set(block, rows);
  }

  async function load(): Promise<void> {
    const mine = ++run;
    const answer = await host.ask('audit.page', { before: null, limit: 1 });
    if (mine !== run) return;
    failure.value = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    underWay.clear();
    replaceAll(new Map());
    head.value = answer.value.rows[0]?.sequence ?? 0;
    if (head.value > 0) await read(Math.floor((head.value - 1) / blockSize));
  }

  async function need(first: number, last: number): Promise<void> {
    if (total.value === 0) return;
    const from = Math.max(1, sequenceAt(last));
    await Promise.all(
      blocksOf(from - 1, sequenceAt(first) - 1)
        .filter((block) => !has(block) && !underWay.has(block))
        .map(read),
    );
  }

  let following: Promise<void> | null = null;
  async function follow(last: number): Promise<void> {
    const known = total.value;
    if (head.value === null || last <= known) return;
    await Promise.all(blocksOf(known, last - 1).slice(-2).map(read));
    head.value = Math.max(last, total.value);
  }
  host.on('audit.appended', ({ lastSequence }) => {
    following = (following ?? Promise.resolve()).then(() => follow(lastSequence));
  });
  watch(() => desk.generation, () => {
    if (head.value === null) return;
    head.value = null;
    void load();
  });

  return {
    head, failure, total, load, need, sequenceAt,
    /** The record at a place counted from the newest; null where the log has a gap, undefined while it is being read. */
    at: (index: number): AuditRecord | null | undefined => at(sequenceAt(index) - 1),
    bySequence: (sequence: number): AuditRecord | null | undefined => at(sequence - 1),
  };
});
