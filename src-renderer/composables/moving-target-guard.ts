/** Whether a click is about what the person saw: rows may change their place at the very moment that one is aimed at. */
import { watch } from 'vue';

/** ms: as long as it takes to see that something else stands there, and to stop the finger. */
const reactionTimeMs = 350;

/**
 * `renderedIndexes` are the places that are drawn, `rowKey` is what stands at one of them. What is scrolled by hand is no surprise;
 * what comes under a resting pointer by itself is. Without `rowKey` every click is meant.
 */
export function useMovingTargetGuard(
  renderedIndexes: () => readonly number[],
  rowKey?: (index: number) => number | undefined,
) {
  let known: ReadonlyMap<number, number | undefined> = new Map();
  let rest: { readonly x: number; readonly y: number; readonly under: number | undefined } | null = null;
  let pressedOn: number | undefined;
  let surprisedAt = -Infinity;

  const indexAt = (element: Element | null | undefined): number =>
    Number(element?.closest('.body-row')?.getAttribute('aria-rowindex')) - 2;
  const keyOf = (element: Element | null | undefined): number | undefined => rowKey?.(indexAt(element));
  const elementOf = ({ target }: Event): Element | null => (target instanceof Element ? target : null);

  /** The rows are where they belong by the next frame: whoever holds one in its place has scrolled by then. */
  function checkUnderPointer(): void {
    if (!rest) return;
    const under = keyOf(document.elementFromPoint(rest.x, rest.y));
    if (under !== rest.under && rest.under !== undefined) surprisedAt = performance.now();
    rest = { ...rest, under };
  }

  if (rowKey) {
    watch(
      () => new Map(renderedIndexes().map((index) => [index, rowKey(index)])),
      (next) => {
        const changed = [...next].some(([index, key]) => known.has(index) && known.get(index) !== key);
        known = next;
        if (changed && rest) requestAnimationFrame(checkUnderPointer);
      },
      { flush: 'post' },
    );
  }

  return {
    onPointerMove(event: PointerEvent): void {
      if (rowKey) rest = { x: event.clientX, y: event.clientY, under: keyOf(elementOf(event)) };
    },
    onPointerLeave(): void {
      rest = null;
    },
    onPointerDown(event: PointerEvent): void {
      pressedOn = keyOf(elementOf(event));
    },
    /** Lets a click through, or ends it. One that no pointer made is always meant. */
    onClick(event: MouseEvent): void {
      if (!rowKey || event.detail === 0) return;
      if (keyOf(elementOf(event)) === pressedOn && performance.now() - surprisedAt > reactionTimeMs) return;
      event.stopPropagation();
      event.preventDefault();
    },
  };
}
