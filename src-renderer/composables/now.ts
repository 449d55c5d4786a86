/** One clock for the whole screen: a ref of milliseconds that ticks each second while anybody looks at it. */
import { onScopeDispose, readonly, shallowRef } from 'vue';
import type { Ref } from 'vue';

const now = shallowRef(Date.now());
let subscriberCount = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): Readonly<Ref<number>> {
  subscriberCount += 1;
  // Only where nobody looked before: else each row that is drawn would have all the others look at the clock again.
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
