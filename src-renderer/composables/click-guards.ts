/** Guards against clicks on something else than the operator aimed at. */
import { useEventListener } from '@vueuse/core';
import { watch } from 'vue';

const interactiveSelector = [
  'button, a, input, select, textarea, label, summary',
  '[role="row"], [role="menuitem"], [role="menuitemcheckbox"], [role="option"], [role="tab"]',
].join();

function clickTarget(event: Event): Element | null {
  const target = event.target instanceof Element ? event.target.closest(interactiveSelector) : null;
  // A click on a label is followed by a click on its control.
  return target instanceof HTMLLabelElement ? target.control : target;
}

/**
 * Blocks the second click of a double click if it hits another element than the first, e.g. the button of a dialog that
 * the first click has opened at the same position. Guards all clicks in the window while the component is mounted.
 */
export function useDoubleClickGuard(): void {
  let firstTarget: Element | null = null;

  function onClick(event: MouseEvent): void {
    // 0: keyboard or script.
    if (event.detail === 0) return;
    const target = clickTarget(event);
    if (event.detail === 1) firstTarget = target;
    if (event.detail === 1 || target === firstTarget) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  useEventListener(window, 'click', onClick, true);
}

/** The time that a person needs to notice the change and not to click. */
const reactionTimeMs = 350;

/**
 * Blocks clicks on rows that have moved under the pointer just before the click.
 *
 * `renderedIndexes` are the indexes of the rendered rows, `rowKey` identifies the row at an index. A row that the
 * operator scrolls under the pointer can be clicked; a row that an update moves under a resting pointer cannot. Without
 * `rowKey` no click is blocked.
 */
export function useMovingTargetGuard(
  renderedIndexes: () => readonly number[],
  rowKey?: (index: number) => number | undefined,
) {
  let previousKeys: ReadonlyMap<number, number | undefined> = new Map();
  let pointer: { readonly x: number; readonly y: number; readonly rowUnder: number | undefined } | null = null;
  let pressedRow: number | undefined;
  let rowChangedAt = -Infinity;

  const indexAt = (element: Element | null | undefined): number =>
    Number(element?.closest('.body-row')?.getAttribute('aria-rowindex')) - 2;
  const keyOf = (element: Element | null | undefined): number | undefined => rowKey?.(indexAt(element));
  const elementOf = ({ target }: Event): Element | null => (target instanceof Element ? target : null);

  /** Runs in the next frame, when the list has scrolled to keep its anchor row in place. */
  function checkUnderPointer(): void {
    if (!pointer) return;
    const rowUnder = keyOf(document.elementFromPoint(pointer.x, pointer.y));
    if (rowUnder !== pointer.rowUnder && pointer.rowUnder !== undefined) rowChangedAt = performance.now();
    pointer = { ...pointer, rowUnder };
  }

  if (rowKey) {
    watch(
      () => new Map(renderedIndexes().map((index) => [index, rowKey(index)])),
      (next) => {
        const changed = [...next].some(([index, key]) => previousKeys.has(index) && previousKeys.get(index) !== key);
        previousKeys = next;
        if (changed && pointer) requestAnimationFrame(checkUnderPointer);
      },
      { flush: 'post' },
    );
  }

  return {
    onPointerMove(event: PointerEvent): void {
      if (rowKey) pointer = { x: event.clientX, y: event.clientY, rowUnder: keyOf(elementOf(event)) };
    },
    onPointerLeave(): void {
      pointer = null;
    },
    onPointerDown(event: PointerEvent): void {
      pressedRow = keyOf(elementOf(event));
    },
    /** Blocks a click on a row that has just changed. Clicks by keyboard or script are never blocked. */
    onClick(event: MouseEvent): void {
      if (!rowKey || event.detail === 0) return;
      if (keyOf(elementOf(event)) === pressedRow && performance.now() - rowChangedAt > reactionTimeMs) return;
      event.stopPropagation();
      event.preventDefault();
    },
  };
}
