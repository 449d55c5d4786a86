/** A shared clock: a ref of milliseconds that is updated every second while a component uses it. */
import { onScopeDispose, readonly, shallowRef } from 'vue';
import type { Ref } from 'vue';

const now = shallowRef(Date.now());
let subscriberCount = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): Readonly<Ref<number>> {
  subscriberCount += 1;
  // Only for the first user: an update of the ref renders every component that uses it.
  if (timer === undefined) {
    now.value = Date.now();
    timer = setInterval(() => {
      now.value = Date.now();
    }, 1_000);
  }
  onScopeDispose(() => {
    subscriberCount -= 1;
    if (subscriberCount > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  return readonly(now);
}
