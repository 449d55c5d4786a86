/** Plans and batches: the history, newest first, and every one that is looked at, kept up to date by events. */
import { defineStore } from 'pinia';
import { computed, shallowRef, triggerRef, watch } from 'vue';
import type {
  Batch,
  BatchState,
  CallError,
  CallInput,
  CallName,
  CallOutput,
  Envelope,
  PlanSummary,
} from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

const pageSize = 100;
const moving: readonly BatchState[] = ['armed', 'running', 'paused', 'stopping'];

/** How far a batch was at an instant, for the chart of the last minutes. */
export interface Sample {
  readonly at: number;
  readonly outcomes: Batch['outcomes'];
}
/** Two seconds apart over five minutes. */
export const sampleMs = 2_000;
export const mostSamples = 151;

type Act = 'batches.discard' | 'batches.callOff' | 'batches.pause' | 'batches.resume' | 'batches.stop';

export const useBatches = defineStore('batches', () => {
  const host = useHost();
  const desk = useDesk();
  const byId = shallowRef(new Map<string, Batch>());
  /** Ids of the history, newest first, as far as it was read; null until the first page came. */
  const order = shallowRef<readonly string[] | null>(null);
  const next = shallowRef<number | null>(null);
  const failure = shallowRef<CallError | null>(null);
  /** Why one that was asked for cannot be shown. */
  const missing = shallowRef(new Map<string, CallError>());
  const samples = new Map<string, Sample[]>();
  let run = 0;
  let reading = false;

  function sample(batch: Batch): void {
    if (!moving.includes(batch.state) || batch.state === 'armed') return;
    const kept = samples.get(batch.id) ?? [];
    const now = Date.now();
    const last = kept.at(-1);
    if (last && now - last.at < sampleMs) return;
    samples.set(batch.id, [...kept, { at: now, outcomes: batch.outcomes }].slice(-mostSamples));
  }

  function take(batch: Batch): void {
    byId.value.set(batch.id, batch);
    sample(batch);
    triggerRef(byId);
    if (order.value && !order.value.includes(batch.id)) {
      const at = order.value.findIndex((id) => (byId.value.get(id)?.number ?? 0) < batch.number);
      // Older than what was read so far: it comes with its page.
      if (at >= 0 || next.value === null)
        order.value = at < 0 ? [...order.value, batch.id] : order.value.toSpliced(at, 0, batch.id);
    }
  }

  async function read(before: number | null): Promise<void> {
    if (reading) return;
    reading = true;
    const mine = run;
    const answer = await host.ask('batches.list', { before, limit: pageSize });
    reading = false;
    if (mine !== run) return;
    failure.value = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    next.value = answer.value.next;
    order.value ??= [];
    for (const row of answer.value.rows) byId.value.set(row.id, row);
    order.value = [...new Set([...order.value, ...answer.value.rows.map((row) => row.id)])];
    triggerRef(byId);
  }

  /** Reads the newest; once is enough, events do the rest. */
  async function load(): Promise<void> {
    if (order.value === null) await read(null);
  }

  /** Sees to it that this place of the history comes. */
  async function need(last: number): Promise<void> {
    if (next.value !== null && last >= (order.value?.length ?? 0) - 1) await read(next.value);
  }

  /** Reads one that the history need not hold, e.g. from a link. */
  async function look(id: string): Promise<void> {
    const mine = run;
    const answer = await host.ask('batches.get', { batchId: id });
    if (mine !== run) return;
    if (answer.ok) take(answer.value);
    if (answer.ok) missing.value.delete(id);
    else missing.value.set(id, answer.error);
    triggerRef(missing);
  }

  async function taking<Name extends CallName>(
    name: Name,
    input: CallInput<Name>,
  ): Promise<Envelope<CallOutput<Name>>> {
    const answer = await host.ask(name, input);
    if (answer.ok) take(answer.value as Batch);
    return answer;
  }

  /** What a person does to a batch; the error is null where it was done. */
  async function act(name: Act, batchId: string): Promise<CallError | null> {
    const answer = await taking(name, { batchId });
    return answer.ok ? null : answer.error;
  }

  host.on('batches.changed', ({ rows }) => rows.forEach(take));
  watch(
    () => desk.generation,
    () => {
      run += 1;
      reading = false;
      byId.value = new Map();
      missing.value = new Map();
      samples.clear();
      order.value = null;
      next.value = null;
      void load();
    },
  );

  const all = computed(() => [...byId.value.values()]);
  return {
    byId,
    all,
    order,
    next,
    failure,
    missing,
    load,
    need,
    look,
    act,
    /** Armed, under way or paused: what the rail counts. */
    underWay: computed(() => all.value.filter((batch) => moving.includes(batch.state))),
    /** What does not go on by itself. */
    waiting: computed(() =>
      all.value.filter(
        (batch) =>
          batch.state === 'interrupted' ||
          batch.trouble !== null ||
          (batch.state === 'running' && batch.lanes.some((lane) => lane.state === 'paused')),
      ),
    ),
    plan: (chosen: CallInput<'batches.plan'>) => taking('batches.plan', chosen),
    planRetry: (input: CallInput<'batches.planRetry'>) => taking('batches.planRetry', input),
    confirm: (input: CallInput<'batches.confirm'>) => taking('batches.confirm', input),
    refreshPlan: (batchId: string) => host.ask('batches.refreshPlan', { batchId }),
    async summary(batchId: string): Promise<Envelope<PlanSummary>> {
      return host.ask('batches.summary', { batchId });
    },
    samplesOf: (batchId: string): readonly Sample[] => samples.get(batchId) ?? [],
  };
});
