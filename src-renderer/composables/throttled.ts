import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';

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
