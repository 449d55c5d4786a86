/** The open workspace, the error that keeps it from opening, and the status of the host. */
import { useQueryCache } from '@pinia/colada';
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { ShallowRef } from 'vue';
import type { AppState, CallError, WorkspaceName } from '../contract.ts';
import type { HostStatus } from '../api-client.ts';
import { afterSuccess, errorOf, useHost } from './host.ts';

export const useWorkspace = defineStore('workspace', () => {
  const host = useHost();
  const queryCache = useQueryCache();
  const state = shallowRef<AppState | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const hostStatus = shallowRef<HostStatus>('connected');
  const openingWorkspace = shallowRef<WorkspaceName | null>(null);
  /** Increases when loaded data may be outdated: after a change of the workspace or a new connection to the host. */
  const generation = shallowRef(0);

  /** Discards the answers to all queries. */
  function startGeneration(): void {
    for (const entry of queryCache.getEntries({ key: [generation.value] })) queryCache.remove(entry);
    generation.value += 1;
  }

  function applyState(next: AppState): void {
    const previous = state.value;
    state.value = next;
    failure.value = null;
    if (previous && (previous.workspace !== next.workspace || (previous.workspaceError && !next.workspaceError)))
      startGeneration();
  }

  /** For a restored backup: the workspace has the same name and other data. */
  function applyRestoredState(next: AppState): void {
    applyState(next);
    startGeneration();
  }

  async function load(): Promise<void> {
    const result = await host.call('app.getState', {});
    if (result.ok) applyState(result.value);
    else failure.value = result.error;
  }

  /** Opens a workspace, or retries the current one. */
  async function open(workspace: WorkspaceName): Promise<CallError | null> {
    openingWorkspace.value = workspace;
    const result = await afterSuccess(host.call('workspace.open', { workspace }), applyState);
    openingWorkspace.value = null;
    return errorOf(result);
  }

  host.on('app.changed', applyState);
  host.onStatusChange((next) => {
    hostStatus.value = next;
    if (next !== 'connected') return;
    startGeneration();
    void load();
  });

  return {
    state,
    failure,
    hostStatus,
    openingWorkspace,
    generation,
    load,
    open,
    applyRestoredState,
    /** Ends the review of a restored database. */
    completeRestoreReview: (restoredSequence: number) =>
      afterSuccess(host.call('backups.completeReview', { restoredSequence }), applyState),
    isOpen: computed(() => state.value !== null && state.value.workspaceError === null),
    isPractice: computed(() => state.value?.workspace === 'practice'),
  };
});

/** State that belongs to the open workspace: it returns to its initial value when loaded data may be outdated. */
export function useWorkspaceState<Value>(initial: () => Value): ShallowRef<Value> {
  const workspace = useWorkspace();
  const state: ShallowRef<Value> = shallowRef(initial());
  watch(
    () => workspace.generation,
    () => {
      state.value = initial();
    },
    { flush: 'sync' },
  );
  return state;
}
