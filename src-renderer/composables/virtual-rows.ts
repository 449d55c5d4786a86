/** Which rows of a long list to draw, and where. */
import { observeElementOffset, useVirtualizer } from '@tanstack/vue-virtual';
import { computed, watch } from 'vue';
import type { Ref } from 'vue';

/** Chromium ends an element at 33,554,432 px; a list longer than this is squeezed into it. */
const tallest = 30_000_000;

export interface RowWindow {
  /** Rows to draw: their place in the list and their distance from the canvas's top in px. */
  readonly rows: Readonly<Ref<readonly { index: number; top: number }[]>>;
  readonly height: Readonly<Ref<number>>;
  /** Scrolls as little as needed for the row to be seen whole. */
  reveal(index: number): void;
  /** By so many rows. */
  scrollBy(rows: number): void;
}

/**
 * `headHeight` is what a sticky head inside the scroller covers, in px. `kept` is a row that is always drawn,
 * because it holds the focus.
 */
export function useRowWindow(options: {
  scroller: Readonly<Ref<HTMLElement | null>>;
  count: () => number;
  rowHeight: () => number;
  headHeight: number;
  kept: () => number;
}): RowWindow {
  const { scroller, count, rowHeight, headHeight, kept } = options;
  const full = computed(() => count() * rowHeight());
  const height = computed(() => Math.min(full.value, tallest));

  /** How many px of the list one px of the scroll bar stands for; 1 but for lists taller than an element can be. */
  function scale(): number {
    const view = (scroller.value?.clientHeight ?? 0) - headHeight;
    return full.value <= tallest ? 1 : (full.value - view) / (height.value - view);
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
    const last = kept();
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
    reveal(index) {
      const element = scroller.value;
      if (!element) return;
      const view = element.clientHeight - headHeight;
      const top = index * rowHeight();
      const offset = element.scrollTop * scale();
      if (top < offset) element.scrollTop = top / scale();
      else if (top + rowHeight() > offset + view) element.scrollTop = (top + rowHeight() - view) / scale();
    },
  };
}
