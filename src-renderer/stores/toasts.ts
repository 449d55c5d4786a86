/** Short notifications. A message that requires a response belongs in its view. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { CallError } from '../contract.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'success' | 'error';
  /** A command that is offered while the toast is shown. It must also be available elsewhere. */
  readonly action?: { readonly label: string; run(): void } | undefined;
}

export const useToasts = defineStore('toasts', () => {
  const list = shallowRef<readonly Toast[]>([]);
  /** Text for screen readers only. */
  const announcement = shallowRef('');
  let count = 0;

  function show(text: string, tone: Toast['tone'] = 'success', action?: Toast['action']): void {
    count += 1;
    list.value = [...list.value.slice(-3), { id: count, text, tone, action }];
  }

  return {
    list,
    announcement,
    show,
    /** Shows why a call failed. If it did not, shows `successText`, if given. */
    showResult(error: CallError | null, successText = ''): void {
      if (error) show(error.message, 'error');
      else if (successText) show(successText);
    },
    announce(text: string): void {
      // Screen readers repeat a text only if the live region changes.
      announcement.value = announcement.value === text ? `${text}\u00a0` : text;
    },
    dismiss(id: number): void {
      list.value = list.value.filter((toast) => toast.id !== id);
    },
  };
});
