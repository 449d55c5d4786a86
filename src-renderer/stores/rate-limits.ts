/** How fast each connection is asked. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, CallInput, PaceOfConnection } from '../contract.ts';
import { useBatches } from './batches.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

export const usePace = defineStore('pace', () => {
  const host = useHost();
  const desk = useDesk();
  const batches = useBatches();
  const byId = shallowRef<ReadonlyMap<string, PaceOfConnection>>(new Map());
  const failure = shallowRef<CallError | null>(null);
  let loaded = false;

  function take(row: PaceOfConnection): void {
    byId.value = new Map(byId.value).set(row.connectionId, row);
  }

  async function load(): Promise<void> {
    const answer = await host.ask('pace.list', {});
    loaded = true;
    failure.value = answer.ok ? null : answer.error;
    if (answer.ok) byId.value = new Map(answer.value.map((row) => [row.connectionId, row]));
  }

  /** A batch that stands still is not pushed for it. */
  function lookAgain(connectionId: string): void {
    for (const batch of [...batches.underWay, ...batches.waiting])
      if (batch.lanes.some((lane) => lane.connectionId === connectionId)) void batches.look(batch.id);
  }

  async function change(input: CallInput<'pace.change'>): Promise<CallError | null> {
    const answer = await host.ask('pace.change', input);
    if (answer.ok) take(answer.value);
    if (answer.ok) lookAgain(input.connectionId);
    return answer.ok ? null : answer.error;
  }

  /** Lets the batches of a connection that was paused go on there. */
  async function resume(connectionId: string): Promise<CallError | null> {
    const answer = await host.ask('batches.resumeConnection', { connectionId });
    if (answer.ok) take(answer.value);
    return answer.ok ? null : answer.error;
  }

  host.on('connections.changed', () => {
    if (loaded) void load();
  });
  watch(
    () => desk.generation,
    () => {
      byId.value = new Map();
      if (loaded) void load();
    },
  );

  return { byId, failure, load, change, resume };
});
