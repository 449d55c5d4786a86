/** Automatic sources of sessions and their last runs. Loaded when a view needs them. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallError, CallInput, Envelope, Feed } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const useFeeds = defineStore('feeds', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const list = shallowRef<readonly Feed[] | null>(null);
  const failure = shallowRef<CallError | null>(null);

  async function load(): Promise<void> {
    const result = await host.call('feeds.list', {});
    if (result.ok) list.value = result.value;
    failure.value = result.ok ? null : result.error;
  }

  async function reloadIfOk<Value>(result: Envelope<Value>): Promise<Envelope<Value>> {
    if (result.ok) await load();
    return result;
  }

  host.on('feeds.changed', () => list.value && void load());
  watch(
    () => workspace.generation,
    () => {
      if (!list.value) return;
      list.value = null;
      void load();
    },
  );

  return {
    list,
    failure,
    load,
    add: async (input: CallInput<'feeds.add'>) => reloadIfOk(await host.call('feeds.add', input)),
    change: async (input: CallInput<'feeds.change'>) => reloadIfOk(await host.call('feeds.change', input)),
    replaceSecret: async (input: CallInput<'feeds.replaceSecret'>) =>
      reloadIfOk(await host.call('feeds.replaceSecret', input)),
    remove: async (feedId: string) => reloadIfOk(await host.call('feeds.remove', { feedId })),
    /** Resolves when the run has ended. The feed holds its result. */
    run: async (feedId: string) => reloadIfOk(await host.call('feeds.run', { feedId })),
  };
});
