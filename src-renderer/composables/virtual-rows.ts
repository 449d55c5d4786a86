/** The rows of a long list that are rendered, and their positions. */
import { observeElementOffset, useVirtualizer } from '@tanstack/vue-virtual';
import { computed, watch } from 'vue';
import type { Ref } from 'vue';

/** Chromium limits an element to 33,554,432 px. A longer list is scaled to this height. */
const maxCanvasHeight = 30_000_000;

export interface VirtualRows {
  /** Rendered rows: index in the list and distance from the top of the canvas in px. */
  readonly rows: Readonly<Ref<readonly { index: number; top: number }[]>>;
  readonly height: Readonly<Ref<number>>;
  /** Scrolls by the smallest distance that shows the whole row. */
  scrollToRow(index: number): void;
  /** Scrolls by a number of rows. */
  scrollBy(rows: number): void;
}

/**
 * `headerHeight` is the height of the sticky header inside the scroller in px. `pinnedRow` is a row that is always
 * rendered, because it has the focus.
 */
export function useVirtualRows(options: {
  scroller: Readonly<Ref<HTMLElement | null>>;
  count: () => number;
  rowHeight: () => number;
  headerHeight: number;
  pinnedRow: () => number;
}): VirtualRows {
  const { scroller, count, rowHeight, headerHeight, pinnedRow } = options;
  const contentHeight = computed(() => count() * rowHeight());
  const height = computed(() => Math.min(contentHeight.value, maxCanvasHeight));

  /** Pixels of the list per pixel of the canvas: 1, or more if the list is higher than `maxCanvasHeight`. */
  function scale(): number {
    const viewHeight = (scroller.value?.clientHeight ?? 0) - headerHeight;
    return contentHeight.value <= maxCanvasHeight
      ? 1
      : (contentHeight.value - viewHeight) / (height.value - viewHeight);
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
    const indexes = virtualizer.value.getVirtualItems().map((item) => item.index);
    const pinned = pinnedRow();
    if (pinned >= 0 && pinned < count() && !indexes.includes(pinned)) indexes.push(pinned);
    // In order, so that Vue never moves an element: a moved element loses the focus.
    indexes.sort((a, b) => a - b);
    const offset = virtualizer.value.scrollOffset ?? 0;
    const shift = offset / scale() - offset;
    return indexes.map((index) => ({ index, top: index * size + shift }));
  });

  return {
    rows,
    height,
    scrollBy(rowCount) {
      if (scroller.value) scroller.value.scrollTop += (rowCount * rowHeight()) / scale();
    },
    scrollToRow(index) {
      const element = scroller.value;
      if (!element) return;
      const viewHeight = element.clientHeight - headerHeight;
      const top = index * rowHeight();
      const offset = element.scrollTop * scale();
      if (top < offset) element.scrollTop = top / scale();
      else if (top + rowHeight() > offset + viewHeight) element.scrollTop = (top + rowHeight() - viewHeight) / scale();
    },
  };
}
