/** The focus, and keys that are pressed before the list that they are meant for is loaded. */
import { nextTick } from 'vue';

/** Whether an element has the focus. If the focused element is removed, the body has it and keyboard users lose it. */
export function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}

const modifierKeys = ['Shift', 'Control', 'Alt', 'Meta'];

export interface KeyBuffer {
  /** Dispatches the keys to the focused element in their order, until a dialog opens. */
  replay(): Promise<void>;
  /** Whether Escape, Tab or a click has ended the buffering. Then no key is dispatched. */
  readonly isAbandoned: boolean;
}

/** Starts to buffer the keys that a list handles. */
export function bufferKeys(): KeyBuffer {
  const events: KeyboardEvent[] = [];
  let isAbandoned = false;
  function end(): void {
    window.removeEventListener('keydown', onKeydown, true);
    window.removeEventListener('pointerdown', abandon, true);
  }
  function abandon(): void {
    isAbandoned = true;
    end();
  }
  function onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape' || event.key === 'Tab') return abandon();
    const isChord = event.ctrlKey || event.metaKey || event.altKey;
    if (modifierKeys.includes(event.key) || (isChord && event.key.toLowerCase() !== 'a')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) events.push(event);
  }
  window.addEventListener('keydown', onKeydown, true);
  window.addEventListener('pointerdown', abandon, true);
  return {
    get isAbandoned() {
      return isAbandoned;
    },
    async replay() {
      end();
      for (const { key, code, shiftKey, ctrlKey, metaKey } of isAbandoned ? [] : events) {
        if (document.querySelector('[role="dialog"]')) return;
        const event = new KeyboardEvent('keydown', {
          key,
          code,
          shiftKey,
          ctrlKey,
          metaKey,
          bubbles: true,
          cancelable: true,
        });
        (document.activeElement ?? document.body).dispatchEvent(event);
        await nextTick();
      }
    },
  };
}
