import { describe, expect, it } from 'vitest';
import { effectScope, nextTick, shallowRef } from 'vue';
import { useThrottled } from '../../../src-renderer/composables/time.ts';

describe('useThrottled', () => {
  it('shows at most one new value per interval, and always the last one; a changed key is shown at once', async () => {
    const batch = shallowRef({ id: 'a', state: 'running', done: 1 });
    const scope = effectScope();
    const shown = scope.run(() =>
      useThrottled(
        () => batch.value,
        ({ id, state }) => `${id} ${state}`,
      ),
    );
    for (const done of [2, 3, 4]) {
      batch.value = { ...batch.value, done };
      await nextTick();
    }
    expect(shown?.value.done).toBe(1);
    await expect.poll(() => shown?.value.done).toBe(4);
    batch.value = { ...batch.value, state: 'stopped', done: 5 };
    expect(shown?.value.done).toBe(5);
    scope.stop();
  });
});
