/** Short news that needs no answer. What does need one belongs in its place on the screen, not here. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'success' | 'error';
  /** What can be done about it while it is shown; it can be done elsewhere too. */
  readonly action?: { readonly label: string; run(): void } | undefined;
}

export const useToasts = defineStore('toasts', () => {
  const list = shallowRef<readonly Toast[]>([]);
  /** Said to a screen reader and not shown. */
  const announcement = shallowRef('');
  let count = 0;

  return {
    list,
    announcement,
    show(text: string, tone: Toast['tone'] = 'success', action?: Toast['action']): void {
      count += 1;
      list.value = [...list.value.slice(-3), { id: count, text, tone, action }];
    },
    announce(text: string): void {
      // The same words twice are read twice only if the region changes in between.
      announcement.value = announcement.value === text ? `${text}\u00a0` : text;
    },
    dismiss(id: number): void {
      list.value = list.value.filter((toast) => toast.id !== id);
    },
  };
});
