/** The open workspace, the error that keeps it from opening, and the status of the host. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { AppState, CallError, Envelope, RestoreReview, WorkspaceName } from '../contract.ts';
import type { HostStatus } from '../api-client.ts';
import { useHost } from './host.ts';

export const useWorkspace = defineStore('workspace', () => {
  const host = useHost();
  const state = shallowRef<AppState | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const hostStatus = shallowRef<HostStatus>('connected');
  const openingWorkspace = shallowRef<WorkspaceName | null>(null);
  /** Increases when loaded data may be outdated: after a change of the workspace or a new connection to the host. */
  const generation = shallowRef(0);

  function applyState(next: AppState): void {
    const previous = state.value;
    state.value = next;
    failure.value = null;
    if (previous && (previous.workspace !== next.workspace || (previous.workspaceError && !next.workspaceError)))
      generation.value += 1;
  }

  /** For a restored backup: the workspace has the same name and other data. */
  function applyRestoredState(next: AppState): void {
    applyState(next);
    generation.value += 1;
  }

  async function load(): Promise<void> {
    const result = await host.call('app.state', {});
    if (result.ok) applyState(result.value);
    else failure.value = result.error;
  }

  /** Opens a workspace, or retries the current one. */
  async function open(workspace: WorkspaceName): Promise<CallError | null> {
    openingWorkspace.value = workspace;
    const result = await host.call('workspace.open', { workspace });
    openingWorkspace.value = null;
    if (!result.ok) return result.error;
    applyState(result.value);
    return null;
  }

  /** Ends the review of a restored database. */
  async function completeRestoreReview(restoredSequence: number): Promise<CallError | null> {
    const result = await host.call('backups.completeReview', { restoredSequence });
    if (result.ok) applyState(result.value);
    return result.ok ? null : result.error;
  }

  host.on('app.changed', applyState);
  host.onStatusChange((next) => {
    hostStatus.value = next;
    if (next !== 'connected') return;
    generation.value += 1;
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
    loadRestoreReview: (): Promise<Envelope<RestoreReview | null>> => host.call('backups.review', {}),
    completeRestoreReview,
    isPractice: computed(() => state.value?.workspace === 'practice'),
  };
});
