/** Keys that are pressed before what they are meant for is there: a quick hand, or a list that takes its time. */
import { nextTick } from 'vue';

const modifierKeys = ['Shift', 'Control', 'Alt', 'Meta'];

export interface KeyBuffer {
  /** Gives them to what has the focus by now, in their order, up to the first that opens a dialog. */
  replay(): Promise<void>;
  /** Whether whoever pressed them went elsewhere meanwhile, by Escape, Tab or a click: then nothing is given. */
  readonly isAbandoned: boolean;
}

/** Keeps from now on every key that means something to a list. */
export function bufferKeys(): KeyBuffer {
  const kept: KeyboardEvent[] = [];
  let left = false;
  function end(): void {
    window.removeEventListener('keydown', keep, true);
    window.removeEventListener('pointerdown', leave, true);
  }
  function leave(): void {
    left = true;
    end();
  }
  function keep(event: KeyboardEvent): void {
    if (event.key === 'Escape' || event.key === 'Tab') return leave();
    const isChord = event.ctrlKey || event.metaKey || event.altKey;
    if (modifierKeys.includes(event.key) || (isChord && event.key.toLowerCase() !== 'a')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) kept.push(event);
  }
  window.addEventListener('keydown', keep, true);
  window.addEventListener('pointerdown', leave, true);
  return {
    get isAbandoned() {
      return left;
    },
    async replay() {
      end();
      for (const { key, code, shiftKey, ctrlKey, metaKey } of left ? [] : kept) {
        if (document.querySelector('[role="dialog"]')) return;
        const again = new KeyboardEvent('keydown', {
          key,
          code,
          shiftKey,
          ctrlKey,
          metaKey,
          bubbles: true,
          cancelable: true,
        });
        (document.activeElement ?? document.body).dispatchEvent(again);
        await nextTick();
      }
    },
  };
}
