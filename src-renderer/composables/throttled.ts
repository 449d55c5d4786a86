/** Values that change faster than anybody reads, at a pace at which they can be. */
import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';

/** Follows `source`, at most once in `intervalMs`; the last value is never missed, and another `resetKey` shows at once. */
export function useThrottled<Value>(
  source: () => Value,
  resetKey: () => unknown,
  intervalMs = 400,
): Readonly<Ref<Value>> {
  const throttled = shallowRef(source()) as Ref<Value>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (): void => {
    clearTimeout(timer);
    timer = undefined;
    throttled.value = source();
  };
  watch(source, () => {
    timer ??= setTimeout(show, intervalMs);
  });
  watch(resetKey, show, { flush: 'sync' });
  onScopeDispose(() => clearTimeout(timer));
  return throttled;
}
