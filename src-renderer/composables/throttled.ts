/** Values that change faster than anybody reads, at a pace at which they can be. */
import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';

/** Follows `source`, at most once in `ms`; the last value is never missed, and another `key` shows at once. */
export function useCalm<Value>(source: () => Value, key: () => unknown, ms = 400): Readonly<Ref<Value>> {
  const calm = shallowRef(source()) as Ref<Value>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (): void => {
    clearTimeout(timer);
    timer = undefined;
    calm.value = source();
  };
  watch(source, () => {
    timer ??= setTimeout(show, ms);
  });
  watch(key, show, { flush: 'sync' });
  onScopeDispose(() => clearTimeout(timer));
  return calm;
}
