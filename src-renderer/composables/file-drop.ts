/** A file let go isOver the window. `over` is true while one hovers; a file is never opened in place of the console. */
import { onBeforeUnmount, onMounted, ref } from 'vue';
import type { Ref } from 'vue';

export function useFileDrop(isEnabled: () => boolean, onDrop: (file: File) => void): Ref<boolean> {
  const isOver = ref(false);

  function hover(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    isOver.value = isEnabled();
    event.dataTransfer.dropEffect = isOver.value ? 'copy' : 'none';
  }

  function leave(event: DragEvent): void {
    if (event.relatedTarget === null) isOver.value = false;
  }

  function drop(event: DragEvent): void {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    isOver.value = false;
    if (isEnabled()) onDrop(file);
  }

  onMounted(() => {
    window.addEventListener('dragover', hover);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
  });
  onBeforeUnmount(() => {
    window.removeEventListener('dragover', hover);
    window.removeEventListener('dragleave', leave);
    window.removeEventListener('drop', drop);
  });
  return isOver;
}
