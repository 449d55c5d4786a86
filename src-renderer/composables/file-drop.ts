/** A file let go over the window. `over` is true while one hovers; a file is never opened in place of the console. */
import { onBeforeUnmount, onMounted, ref } from 'vue';
import type { Ref } from 'vue';

export function useFileDrop(wanted: () => boolean, take: (file: File) => void): Ref<boolean> {
  const over = ref(false);

  function hover(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    over.value = wanted();
    event.dataTransfer.dropEffect = over.value ? 'copy' : 'none';
  }

  function leave(event: DragEvent): void {
    if (event.relatedTarget === null) over.value = false;
  }

  function drop(event: DragEvent): void {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    over.value = false;
    if (wanted()) take(file);
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
  return over;
}
