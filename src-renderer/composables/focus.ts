/**
 * Whether an element has the focus. After the focused element is removed, the body has it, and keyboard users lose it.
 */
export function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}
