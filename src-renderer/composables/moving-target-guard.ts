/** Whether a click is about what the person saw: rows may change their place at the very moment that one is aimed at. */
import { watch } from 'vue';

/** ms: as long as it takes to see that something else stands there, and to stop the finger. */
const noticeMs = 350;

/**
 * `drawn` are the places that are drawn, `identity` is what stands at one of them. What is scrolled by hand is no surprise;
 * what comes under a resting pointer by itself is. Without `identity` every click is meant.
 */
export function useSteadyClick(drawn: () => readonly number[], identity?: (index: number) => number | undefined) {
  let known: ReadonlyMap<number, number | undefined> = new Map();
  let rest: { readonly x: number; readonly y: number; readonly under: number | undefined } | null = null;
  let pressedOn: number | undefined;
  let surprisedAt = -Infinity;

  const indexAt = (element: Element | null | undefined): number =>
    Number(element?.closest('.body')?.getAttribute('aria-rowindex')) - 2;
  const identityOf = (element: Element | null | undefined): number | undefined => identity?.(indexAt(element));
  const elementOf = ({ target }: Event): Element | null => (target instanceof Element ? target : null);

  /** The rows are where they belong by the next frame: whoever holds one in its place has scrolled by then. */
  function look(): void {
    if (!rest) return;
    const under = identityOf(document.elementFromPoint(rest.x, rest.y));
    if (under !== rest.under && rest.under !== undefined) surprisedAt = performance.now();
    rest = { ...rest, under };
  }

  if (identity) {
    watch(
      () => new Map(drawn().map((index) => [index, identity(index)])),
      (next) => {
        const changed = [...next].some(([index, key]) => known.has(index) && known.get(index) !== key);
        known = next;
        if (changed && rest) requestAnimationFrame(look);
      },
      { flush: 'post' },
    );
  }

  return {
    pointed(event: PointerEvent): void {
      if (identity) rest = { x: event.clientX, y: event.clientY, under: identityOf(elementOf(event)) };
    },
    left(): void {
      rest = null;
    },
    pressed(event: PointerEvent): void {
      pressedOn = identityOf(elementOf(event));
    },
    /** Lets a click through, or ends it. One that no pointer made is always meant. */
    clicked(event: MouseEvent): void {
      if (!identity || event.detail === 0) return;
      if (identityOf(elementOf(event)) === pressedOn && performance.now() - surprisedAt > noticeMs) return;
      event.stopPropagation();
      event.preventDefault();
    },
  };
}
