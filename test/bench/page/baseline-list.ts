/** The baseline: the same rows in a TanStack Virtual list with eight plain text cells, and a filter button. */
import { useVirtualizer } from '@tanstack/vue-virtual';
import { computed, createApp, defineComponent, h, ref, shallowRef } from 'vue';
import { activeCountOf, sessionAt } from './generated-client.ts';

const rowHeightPx = 36;
/** In px. Chromium limits the height of an element to about 33 million. */
const maxElementHeightPx = 30_000_000;

export function mountBaselineList(count: number): void {
  createApp(
    defineComponent(() => {
      const scroller = ref<HTMLElement | null>(null);
      const isFiltered = shallowRef(false);
      const total = computed(() => (isFiltered.value ? activeCountOf(count) : count));
      const virtualizer = useVirtualizer<HTMLElement, Element>(
        computed(() => ({
          count: total.value,
          getScrollElement: () => scroller.value,
          estimateSize: () => rowHeightPx,
          overscan: 10,
        })),
      );
      const renderRows = () =>
        virtualizer.value.getVirtualItems().map(({ index, start }) => {
          const { status, reference, id, amount, currency, createdAt, expiresAt, lastCheckedAt } = sessionAt(
            count,
            index,
            isFiltered.value,
          );
          const cells = [status, reference, id, amount, currency, createdAt, expiresAt, lastCheckedAt];
          const style = `position: absolute; inset: 0 0 auto; height: ${rowHeightPx}px; display: flex; gap: 12px;
            translate: 0 ${start}px`;
          const cellNodes = cells.map((cell) => h('span', { class: 'reference' }, cell ?? ''));
          return h('div', { key: index, role: 'row', class: 'body-row', style }, cellNodes);
        });
      return () =>
        h('div', { style: 'height: 100vh; display: flex; flex-direction: column; font: 13px/20px sans-serif' }, [
          h(
            'button',
            {
              id: 'filter',
              onClick: () => {
                isFiltered.value = true;
              },
            },
            'Active',
          ),
          h(
            'div',
            { ref: scroller, role: 'grid', 'aria-rowcount': total.value + 1, style: 'flex: 1; overflow: auto' },
            [
              h(
                'div',
                {
                  style: {
                    height: `${Math.min(virtualizer.value.getTotalSize(), maxElementHeightPx)}px`,
                    position: 'relative',
                  },
                },
                renderRows(),
              ),
            ],
          ),
        ]);
    }),
  ).mount('#app');
}
