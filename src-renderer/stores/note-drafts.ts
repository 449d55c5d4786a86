/** Notes being written. What was typed is kept by session until it is saved or thrown away, whatever is shown meanwhile. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError } from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

export const useNotes = defineStore('notes', () => {
  const host = useHost();
  const desk = useDesk();
  const drafts = shallowRef<ReadonlyMap<string, string>>(new Map());

  /** Keys are a workspace's own. */
  function placeOf(sessionKey: number): string {
    return `${desk.state?.workspace ?? ''}/${sessionKey}`;
  }

  /** null: nothing of it is kept. */
  function keep(sessionKey: number, text: string | null): void {
    const next = new Map(drafts.value);
    if (text === null) next.delete(placeOf(sessionKey));
    else next.set(placeOf(sessionKey), text);
    drafts.value = next;
  }

  return {
    keep,
    draft: (sessionKey: number): string | null => drafts.value.get(placeOf(sessionKey)) ?? null,
    async save(sessionKey: number, note: string | null): Promise<CallError | null> {
      const answer = await host.ask('sessions.setNote', { sessionKey, note });
      return answer.ok ? null : answer.error;
    },
  };
});
