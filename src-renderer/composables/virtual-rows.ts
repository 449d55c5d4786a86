/** Which rows of a long list to draw, and where. */
import { observeElementOffset, useVirtualizer } from '@tanstack/vue-virtual';
import { computed, watch } from 'vue';
import type { Ref } from 'vue';

/** Chromium ends an element at 33,554,432 px; a list longer than this is squeezed into it. */
const maxCanvasHeight = 30_000_000;

export interface VirtualRows {
  /** Rows to draw: their place in the list and their distance from the canvas's top in px. */
  readonly rows: Readonly<Ref<readonly { index: number; top: number }[]>>;
  readonly height: Readonly<Ref<number>>;
  /** Scrolls as little as needed for the row to be seen whole. */
  scrollToRow(index: number): void;
  /** By so many rows. */
  scrollBy(rows: number): void;
}

/**
 * `headHeight` is what a sticky head inside the scroller covers, in px. `kept` is a row that is always drawn,
 * because it holds the focus.
 */
export function useVirtualRows(options: {
  scroller: Readonly<Ref<HTMLElement | null>>;
  count: () => number;
  rowHeight: () => number;
  headerHeight: number;
  pinnedRow: () => number;
}): VirtualRows {
  const { scroller, count, rowHeight, headerHeight, pinnedRow } = options;
  const full = computed(() => count() * rowHeight());
  const height = computed(() => Math.min(full.value, maxCanvasHeight));

  /** How many px of the list one px of the scroll bar stands for; 1 but for lists taller than an element can be. */
  function scale(): number {
    const view = (scroller.value?.clientHeight ?? 0) - headerHeight;
    return full.value <= maxCanvasHeight ? 1 : (full.value - view) / (height.value - view);
  }

  const virtualizer = useVirtualizer<HTMLElement, Element>(
    computed(() => ({
      count: count(),
      getScrollElement: () => scroller.value,
      estimateSize: rowHeight,
      overscan: 10,
      observeElementOffset: (instance, notify) =>
        observeElementOffset(instance, (offset, isScrolling) => notify(offset * scale(), isScrolling)),
    })),
  );
  watch(rowHeight, () => virtualizer.value.measure());

  const rows = computed(() => {
    const size = rowHeight();
    const drawn = virtualizer.value.getVirtualItems().map((item) => item.index);
    const last = pinnedRow();
    if (last >= 0 && last < count() && !drawn.includes(last)) drawn.push(last);
    // In order, so that no element is ever moved: moving one takes the focus from it.
    drawn.sort((a, b) => a - b);
    const offset = virtualizer.value.scrollOffset ?? 0;
    const shift = offset / scale() - offset;
    return drawn.map((index) => ({ index, top: index * size + shift }));
  });

  return {
    rows,
    height,
    scrollBy(by) {
      if (scroller.value) scroller.value.scrollTop += (by * rowHeight()) / scale();
    },
    scrollToRow(index) {
      const element = scroller.value;
      if (!element) return;
      const view = element.clientHeight - headerHeight;
      const top = index * rowHeight();
      const offset = element.scrollTop * scale();
      if (top < offset) element.scrollTop = top / scale();
      else if (top + rowHeight() > offset + view) element.scrollTop = (top + rowHeight() - view) / scale();
    },
  };
}
