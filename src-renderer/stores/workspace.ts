/** The desk as a whole: which workspace is open, what stands in its way, and whether anybody answers. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { CallError, DeskState, WorkspaceName } from '../contract.ts';
import type { Link } from '../api-client.ts';
import { useHost } from './host.ts';

export const useDesk = defineStore('desk', () => {
  const host = useHost();
  const state = shallowRef<DeskState | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const link = shallowRef<Link>('up');
  const opening = shallowRef<WorkspaceName | null>(null);
  /** Grows whenever what was read before may no longer hold: another workspace, or a host that came back. */
  const generation = shallowRef(0);

  function take(next: DeskState): void {
    const before = state.value;
    state.value = next;
    failure.value = null;
    if (before && (before.workspace !== next.workspace || (before.trouble && !next.trouble))) generation.value += 1;
  }

  /** Another record lies under the same name, as after a restore. */
  function takeAnew(next: DeskState): void {
    take(next);
    generation.value += 1;
  }

  async function load(): Promise<void> {
    const answer = await host.ask('desk.state', {});
    if (answer.ok) take(answer.value);
    else failure.value = answer.error;
  }

  /** Opens a workspace, or tries the present one again. */
  async function open(workspace: WorkspaceName): Promise<CallError | null> {
    opening.value = workspace;
    const answer = await host.ask('workspace.open', { workspace });
    opening.value = null;
    if (!answer.ok) return answer.error;
    take(answer.value);
    return null;
  }

  host.on('desk.changed', take);
  host.onLink((next) => {
    link.value = next;
    if (next !== 'up') return;
    generation.value += 1;
    void load();
  });

  return {
    state,
    failure,
    link,
    opening,
    generation,
    load,
    open,
    takeAnew,
    practice: computed(() => state.value?.workspace === 'practice'),
  };
});
