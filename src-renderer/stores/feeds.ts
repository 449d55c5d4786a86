/** Automatic sources of sessions and their last runs. Loaded when a view needs them. */
import { defineStore } from 'pinia';
import type { CallInput, Envelope } from '../contract.ts';
import { useHostQuery } from './host-query.ts';
import { afterSuccess, useHost } from './host.ts';

export const useFeeds = defineStore('feeds', () => {
  const host = useHost();
  const {
    data: list,
    failure,
    load,
  } = useHostQuery('feeds.list', () => ({}), {
    isLazy: true,
    reloadOn: ['feeds.changed'],
  });

  const reloadIfOk = <Value>(call: Promise<Envelope<Value>>) => afterSuccess(call, load);

  return {
    list,
    failure,
    load,
    add: (input: CallInput<'feeds.add'>) => reloadIfOk(host.call('feeds.add', input)),
    change: (input: CallInput<'feeds.change'>) => reloadIfOk(host.call('feeds.change', input)),
    replaceSecret: (input: CallInput<'feeds.replaceSecret'>) => reloadIfOk(host.call('feeds.replaceSecret', input)),
    remove: (feedId: string) => reloadIfOk(host.call('feeds.remove', { feedId })),
    /** Resolves when the run has ended. The feed holds its result. */
    run: (feedId: string) => reloadIfOk(host.call('feeds.run', { feedId })),
  };
});
