/** Files dropped on the window. Returns whether a file is dragged over it. The browser never opens a dropped file. */
import { useEventListener } from '@vueuse/core';
import { ref } from 'vue';
import type { Ref } from 'vue';

export function useFileDrop(isEnabled: () => boolean, onDrop: (file: File) => void): Ref<boolean> {
  const isOver = ref(false);

  function onDragOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    isOver.value = isEnabled();
    event.dataTransfer.dropEffect = isOver.value ? 'copy' : 'none';
  }

  function onDragLeave(event: DragEvent): void {
    if (event.relatedTarget === null) isOver.value = false;
  }

  function onFileDrop(event: DragEvent): void {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    isOver.value = false;
    if (isEnabled()) onDrop(file);
  }

  useEventListener(window, 'dragover', onDragOver);
  useEventListener(window, 'dragleave', onDragLeave);
  useEventListener(window, 'drop', onFileDrop);
  return isOver;
}
