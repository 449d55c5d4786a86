/** Unsaved notes by session. A draft stays until it is saved or discarded, also while another session is open. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const useNoteDrafts = defineStore('note-drafts', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const drafts = shallowRef<ReadonlyMap<string, string>>(new Map());

  /** Session keys are unique only within a workspace. */
  function draftKey(sessionKey: number): string {
    return `${workspace.state?.workspace ?? ''}/${sessionKey}`;
  }

  /** null removes the draft. */
  function setDraft(sessionKey: number, text: string | null): void {
    const next = new Map(drafts.value);
    if (text === null) next.delete(draftKey(sessionKey));
    else next.set(draftKey(sessionKey), text);
    drafts.value = next;
  }

  return {
    setDraft,
    getDraft: (sessionKey: number): string | null => drafts.value.get(draftKey(sessionKey)) ?? null,
    async save(sessionKey: number, note: string | null): Promise<CallError | null> {
      const result = await host.call('sessions.setNote', { sessionKey, note });
      return result.ok ? null : result.error;
    },
  };
});
