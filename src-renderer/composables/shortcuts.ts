/** Keys that work anywhere on the screen, except while someone types or a dialog is open. */
import { onBeforeUnmount, onMounted } from 'vue';

function isBusyElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector('[role="dialog"], [role="menu"]')) return true;
  return event.target instanceof HTMLElement && event.target.matches('input, select, textarea, [contenteditable="true"]');
}

export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const listener = (event: KeyboardEvent): void => {
    const action = actions[event.key];
    if (!action || isBusyElsewhere(event)) return;
    event.preventDefault();
    action();
  };
  onMounted(() => window.addEventListener('keydown', listener));
  onBeforeUnmount(() => window.removeEventListener('keydown', listener));
}
