/**
 * The second half of a double click belongs to what the first half hit. Where something else has come under the hand meanwhile, such as
 * a dialog with its own button just there, or a Close where the confirmation was, it does nothing.
 */
import { onBeforeUnmount, onMounted } from 'vue';

const interactiveSelector =
  'button, a, input, select, textarea, label, summary, [role="row"], [role="menuitem"], [role="menuitemcheckbox"], [role="option"], [role="tab"]';

function clickTarget(event: Event): Element | null {
  const target = event.target instanceof Element ? event.target.closest(interactiveSelector) : null;
  // A click on a label comes a second time, on what it labels.
  return target instanceof HTMLLabelElement ? target.control : target;
}

/** Watches every click of the window, for as long as the component is there. */
export function useDoubleClickGuard(): void {
  let first: Element | null = null;

  function judge(event: MouseEvent): void {
    // 0: by keyboard or by script.
    if (event.detail === 0) return;
    const target = clickTarget(event);
    if (event.detail === 1) first = target;
    if (event.detail === 1 || target === first) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  onMounted(() => window.addEventListener('click', judge, true));
  onBeforeUnmount(() => window.removeEventListener('click', judge, true));
}
