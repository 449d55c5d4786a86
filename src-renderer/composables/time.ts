/** The time of the screen: a clock that all components share, and values that change at most every few moments. */
import { createSharedComposable, useTimestamp } from '@vueuse/core';
import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';

/** Milliseconds, updated every second while a component uses it. One clock, so that all times change together. */
export const useNow = createSharedComposable(() => useTimestamp({ interval: 1_000 }));

const throttleMs = 400;

/**
 * Follows `source`, with at most one update per `throttleMs`. The last value is always shown. A value with another
 * `resetKey` is shown at once.
 */
export function useThrottled<Value>(source: () => Value, resetKey: (value: Value) => string): Readonly<Ref<Value>> {
  const throttled = shallowRef(source()) as Ref<Value>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const update = (): void => {
    clearTimeout(timer);
    timer = undefined;
    throttled.value = source();
  };
  watch(
    source,
    (next) => {
      if (resetKey(next) === resetKey(throttled.value)) timer ??= setTimeout(update, throttleMs);
      else update();
    },
    { flush: 'sync' },
  );
  onScopeDispose(() => clearTimeout(timer));
  return throttled;
}
