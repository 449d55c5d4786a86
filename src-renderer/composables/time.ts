/** The time of the screen: a clock that all components share, and values that change at most every few moments. */
import { createSharedComposable, useTimestamp } from '@vueuse/core';
import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';

/** Milliseconds, updated every second while a component uses it. One clock, so that all times change together. */
export const useNow = createSharedComposable(() => useTimestamp({ interval: 1_000 }));

/**
 * Follows `source`, with at most one update per `intervalMs`. The last value is always shown. A change of `resetKey`
 * updates at once.
 */
export function useThrottled<Value>(
  source: () => Value,
  resetKey: () => unknown,
  intervalMs = 400,
): Readonly<Ref<Value>> {
  const throttled = shallowRef(source()) as Ref<Value>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const update = (): void => {
    clearTimeout(timer);
    timer = undefined;
    throttled.value = source();
  };
  watch(source, () => {
    timer ??= setTimeout(update, intervalMs);
  });
  watch(resetKey, update, { flush: 'sync' });
  onScopeDispose(() => clearTimeout(timer));
  return throttled;
}
