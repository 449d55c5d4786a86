/** The session in the side panel, with its timeline. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError, SessionDetails } from '../contract.ts';
import { useHost } from './host.ts';

export const useSessionDetails = defineStore('session-details', () => {
  const host = useHost();
  const sessionKey = shallowRef<number | null>(null);
  const details = shallowRef<SessionDetails | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const isRefreshing = shallowRef(false);

  async function load(): Promise<void> {
    const requestedKey = sessionKey.value;
    if (requestedKey === null) return;
    const result = await host.call('sessions.details', { sessionKey: requestedKey });
    if (sessionKey.value !== requestedKey) return;
    if (result.ok) details.value = result.value;
    failure.value = result.ok ? null : result.error;
  }

  async function open(next: number | null): Promise<void> {
    if (next === sessionKey.value) return;
    sessionKey.value = next;
    failure.value = null;
    if (next === null) details.value = null;
    await load();
  }

  /** Checks the session's status at its provider. */
  async function refresh(): Promise<CallError | null> {
    const requestedKey = sessionKey.value;
    if (requestedKey === null || isRefreshing.value) return null;
    isRefreshing.value = true;
    const result = await host.call('sessions.refresh', { sessionKey: requestedKey });
    isRefreshing.value = false;
    await load();
    return result.ok ? null : result.error;
  }

  host.on('sessions.changed', ({ rows, isTruncated }) => {
    if (isTruncated || rows.some((row) => row.key === sessionKey.value)) void load();
  });
  host.on('cancellations.changed', ({ rows }) => {
    if (rows.some((row) => row.sessionKey === sessionKey.value)) void load();
  });

  return { sessionKey, details, failure, isRefreshing, open, load, refresh };
});
