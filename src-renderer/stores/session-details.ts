/** The one session that the panel shows, with its timeline. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError, SessionStory } from '../contract.ts';
import { useHost } from './host.ts';

export const useStory = defineStore('story', () => {
  const host = useHost();
  const key = shallowRef<number | null>(null);
  const story = shallowRef<SessionStory | null>(null);
  const failure = shallowRef<CallError | null>(null);
  const refreshing = shallowRef(false);

  async function load(): Promise<void> {
    const asked = key.value;
    if (asked === null) return;
    const answer = await host.ask('sessions.story', { sessionKey: asked });
    if (key.value !== asked) return;
    if (answer.ok) story.value = answer.value;
    failure.value = answer.ok ? null : answer.error;
  }

  async function show(next: number | null): Promise<void> {
    if (next === key.value) return;
    key.value = next;
    failure.value = null;
    if (next === null) story.value = null;
    await load();
  }

  /** Reads the session at its provider now. */
  async function refresh(): Promise<CallError | null> {
    const asked = key.value;
    if (asked === null || refreshing.value) return null;
    refreshing.value = true;
    const answer = await host.ask('sessions.refresh', { sessionKey: asked });
    refreshing.value = false;
    await load();
    return answer.ok ? null : answer.error;
  }

  host.on('sessions.changed', ({ rows, truncated }) => {
    if (truncated || rows.some((row) => row.key === key.value)) void load();
  });
  host.on('cancellations.changed', ({ rows }) => {
    if (rows.some((row) => row.sessionKey === key.value)) void load();
  });

  return { key, story, failure, refreshing, show, load, refresh };
});
