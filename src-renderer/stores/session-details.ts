/** The session in the side panel, with its timeline, its note and whether its status is checked automatically. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import { useHostMutation, useHostQuery } from './host-query.ts';
import { afterSuccess, useHost } from './host.ts';
import { useWorkspace } from './workspace.ts';

export const useSessionDetails = defineStore('session-details', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const sessionKey = shallowRef<number | null>(null);
  const {
    data: details,
    failure,
    load,
  } = useHostQuery('sessions.getDetails', () => (sessionKey.value === null ? null : { sessionKey: sessionKey.value }));
  /** Checks the session's status at its provider. */
  const refresh = useHostMutation(async (key: number) => {
    const result = await host.call('sessions.refresh', { sessionKey: key });
    await load();
    return result;
  });
  // Polling pauses for a connection without a secret and continues when it has one.
  const polling = useHostQuery('polling.getState', () => ({}), { isLazy: true, reloadOn: ['connections.changed'] });
  const noteDrafts = shallowRef<ReadonlyMap<string, string>>(new Map());

  host.on('sessions.changed', ({ rows, isTruncated }) => {
    if (isTruncated || rows.some((row) => row.key === sessionKey.value)) void load();
  });
  host.on('cancellations.changed', ({ rows }) => {
    if (rows.some((row) => row.sessionKey === sessionKey.value)) void load();
  });

  /** Session keys are unique only within a workspace. */
  const draftKey = (key: number): string => `${workspace.state?.workspace ?? ''}/${key}`;

  return {
    sessionKey,
    details,
    failure,
    refresh,
    /** The sessions that an operator watches: their status is checked every 30 seconds by default. */
    polling: polling.data,
    loadPolling: polling.load,
    setPolled: (key: number, isPolled: boolean) =>
      afterSuccess(host.call('polling.change', { sessionKeys: [key], isPolled }), polling.setData),
    isPolled: (key: number): boolean => polling.data.value?.selectedSessionKeys.includes(key) ?? false,
    /** The unsaved note. It stays until it is saved or discarded, also while another session is open. */
    getNoteDraft: (key: number): string | null => noteDrafts.value.get(draftKey(key)) ?? null,
    /** null removes the draft. */
    setNoteDraft(key: number, text: string | null): void {
      const next = new Map(noteDrafts.value);
      if (text === null) next.delete(draftKey(key));
      else next.set(draftKey(key), text);
      noteDrafts.value = next;
    },
    saveNote: (key: number, note: string | null) => host.call('sessions.setNote', { sessionKey: key, note }),
  };
});
