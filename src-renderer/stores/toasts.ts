/** Short news that needs no answer. What does need one belongs in its place on the screen, not here. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'problem';
  /** What can be done about it while it is shown; it can be done elsewhere too. */
  readonly action?: { readonly label: string; run(): void } | undefined;
}

export const useToasts = defineStore('toasts', () => {
  const list = shallowRef<readonly Toast[]>([]);
  /** Said to a screen reader and not shown. */
  const spoken = shallowRef('');
  let count = 0;

  return {
    list,
    spoken,
    say(text: string, tone: Toast['tone'] = 'good', action?: Toast['action']): void {
      count += 1;
      list.value = [...list.value.slice(-3), { id: count, text, tone, action }];
    },
    announce(text: string): void {
      // The same words twice are read twice only if the region changes in between.
      spoken.value = spoken.value === text ? `${text}\u00a0` : text;
    },
    drop(id: number): void {
      list.value = list.value.filter((toast) => toast.id !== id);
    },
  };
});
