/** Whether anything has the focus: what had it may be gone, and whoever works by keyboard stands nowhere then. */
export function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}
