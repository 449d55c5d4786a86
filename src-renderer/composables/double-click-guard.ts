/**
 * Blocks the second click of a double click if it hits another element than the first, e.g. the button of a dialog that
 * the first click has opened at the same position.
 */
import { onBeforeUnmount, onMounted } from 'vue';

const interactiveSelector = [
  'button, a, input, select, textarea, label, summary',
  '[role="row"], [role="menuitem"], [role="menuitemcheckbox"], [role="option"], [role="tab"]',
].join();

function clickTarget(event: Event): Element | null {
  const target = event.target instanceof Element ? event.target.closest(interactiveSelector) : null;
  // A click on a label is followed by a click on its control.
  return target instanceof HTMLLabelElement ? target.control : target;
}

/** Guards all clicks in the window while the component is mounted. */
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

  onMounted(() => window.addEventListener('click', onClick, true));
  onBeforeUnmount(() => window.removeEventListener('click', onClick, true));
}
