/** Sessions from a file or a paste: a look at its head, then the whole of it piece by piece, then what came of it. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { AppError, createMessage, maxImportChunkBytes } from '../contract.ts';
import type { CallError, ImportPreview, ImportProblem, ImportParseOptions, ImportState, Product } from '../contract.ts';
import { toBase64, prependIdHeader } from '../composables/import-source.ts';
import { withLocalizedMessage } from '../composables/error-messages.ts';
import { useHost } from './host.ts';
import { useSessions } from './sessions.ts';

/** Where the dialog stands; null while it is closed. `ended`: finished, stopped or failed, for a check too. */
export type ImportStep = 'setup' | 'running' | 'ended';

interface ImportSource {
  readonly name: string;
  readonly isPasted: boolean;
  readonly bytes: Blob;
  /** 1 where the console put a line with the column's name above a bare list of ids, so that lines count as the operator sees them. */
  readonly addedHeaderLines: number;
}

const defaultReading: ImportParseOptions = {
  format: null,
  separator: null,
  mapping: null,
  amounts: 'plain',
  zonelessTimes: 'refuse',
  acceptSuggestedIds: false,
};
const problemPageSize = 100;

export const useImports = defineStore('imports', () => {
  const host = useHost();
  const sessions = useSessions();
  const step = shallowRef<ImportStep | null>(null);
  const target = shallowRef<{ connectionId: string; product: Product } | null>(null);
  const source = shallowRef<ImportSource | null>(null);
  const reading = shallowRef<ImportParseOptions>(defaultReading);
  const preview = shallowRef<ImportPreview | null>(null);
  const isLoadingPreview = shallowRef(false);
  const error = shallowRef<CallError | null>(null);
  const state = shallowRef<ImportState | null>(null);
  const problems = shallowRef<{ rows: readonly ImportProblem[]; kept: number }>({ rows: [], kept: 0 });
  const isStopping = shallowRef(false);
  let requestId = 0;

  const isComplete = computed(() => source.value !== null && source.value.bytes.size <= maxImportChunkBytes);

  function open(): void {
    step.value ??= 'setup';
  }

  function close(): void {
    if (step.value === 'running') return;
    step.value = null;
    reset();
  }

  function reset(): void {
    requestId += 1;
    source.value = null;
    preview.value = null;
    error.value = null;
    isLoadingPreview.value = false;
    reading.value = defaultReading;
  }

  function unreadableFileError(name: string): CallError {
    return withLocalizedMessage(
      new AppError('import_refused', createMessage('import.fileUnreadable', { name }), {
        retryable: true,
      }).toCallError(),
    );
  }

  /** A paste is still being typed: what was read of it before is no longer what would be imported. */
  function invalidatePreview(): void {
    requestId += 1;
    isLoadingPreview.value = true;
  }

  /** Takes a file, or text as one. A list of ids without a heading gets one. */
  async function setSource(bytes: Blob, name: string, isPasted: boolean): Promise<void> {
    // From one paste to the next the preview stays until the new one is there.
    if (!isPasted || !source.value?.isPasted) reset();
    reading.value = defaultReading;
    invalidatePreview();
    const mine = requestId;
    try {
      const list = await prependIdHeader(bytes);
      if (mine !== requestId) return;
      source.value = { name: name.slice(0, 200), isPasted, bytes: list ?? bytes, addedHeaderLines: list ? 1 : 0 };
      await loadPreview();
    } catch {
      if (mine !== requestId) return;
      error.value = unreadableFileError(name);
      isLoadingPreview.value = false;
    }
  }

  /** Reads the head again, as the choices now are. */
  async function loadPreview(changes: Partial<ImportParseOptions> = {}): Promise<void> {
    reading.value = { ...reading.value, ...changes };
    const [from, into] = [source.value, target.value];
    if (!from || !into) return;
    const mine = ++requestId;
    isLoadingPreview.value = true;
    try {
      const head = await toBase64(from.bytes.slice(0, maxImportChunkBytes));
      const answer = await host.call('imports.preview', {
        ...into,
        head,
        isComplete: isComplete.value,
        parseOptions: reading.value,
      });
      if (mine !== requestId) return;
      preview.value = answer.ok ? answer.value : null;
      error.value = answer.ok ? null : answer.error;
    } catch {
      if (mine === requestId) error.value = unreadableFileError(from.name);
    }
    if (mine === requestId) isLoadingPreview.value = false;
  }

  function setTarget(connectionId: string, product: Product): void {
    target.value = { connectionId, product };
    void loadPreview();
  }

  /** Sends the pieces in order, each awaited; answers why it broke off, or null. */
  async function upload(from: ImportSource, importId: string): Promise<CallError | null> {
    for (let offset = 0; offset < from.bytes.size; offset += maxImportChunkBytes) {
      let bytes: string;
      try {
        bytes = await toBase64(from.bytes.slice(offset, offset + maxImportChunkBytes));
      } catch {
        await host.call('imports.stop', { importId });
        return unreadableFileError(from.name);
      }
      const answer = await host.call('imports.chunk', { importId, offset, bytes });
      if (!answer.ok) return answer.error;
      state.value = answer.value;
      if (answer.value.state !== 'running') return null;
    }
    const answer = await host.call('imports.finish', { importId });
    if (answer.ok) state.value = answer.value;
    return answer.ok ? null : answer.error;
  }

  /** Imports the whole of it; without `write` it is only checked. */
  async function run(shouldWrite: boolean, onInvalidLine: 'skip' | 'stop'): Promise<void> {
    const [from, into] = [source.value, target.value];
    if (!from || !into || step.value === 'running') return;
    step.value = 'running';
    state.value = null;
    error.value = null;
    isStopping.value = false;
    problems.value = { rows: [], kept: 0 };
    const begun = await host.call('imports.begin', {
      ...into,
      fileName: from.name,
      byteLength: from.bytes.size,
      parseOptions: reading.value,
      shouldWrite,
      onInvalidLine,
      source: from.isPasted ? 'pasted' : 'imported',
    });
    if (!begun.ok) {
      error.value = begun.error;
      step.value = 'setup';
      return;
    }
    state.value = begun.value;
    error.value = await upload(from, begun.value.importId);
    await loadMoreProblems();
    step.value = 'ended';
    if (shouldWrite) void sessions.reload();
  }

  /** What was tracked before stays. The pieces under way see that it ended. */
  async function stop(): Promise<void> {
    if (!state.value || isStopping.value) return;
    isStopping.value = true;
    await host.call('imports.stop', { importId: state.value.importId });
  }

  /** The next of the lines that were wrong. */
  async function loadMoreProblems(): Promise<void> {
    if (!state.value) return;
    const { rows } = problems.value;
    const answer = await host.call('imports.problems', {
      importId: state.value.importId,
      skip: rows.length,
      limit: problemPageSize,
    });
    if (answer.ok) problems.value = { rows: [...rows, ...answer.value.rows], kept: answer.value.retained };
  }

  /** Back to the choices, with the file still there. */
  function backToSetup(): void {
    if (step.value === 'ended') step.value = 'setup';
  }

  host.on('imports.changed', ({ rows }) => {
    const changed = rows.find((row) => row.importId === state.value?.importId);
    if (changed && step.value === 'running') state.value = changed;
  });

  return {
    step,
    target,
    source,
    reading,
    preview,
    isLoadingPreview,
    error,
    state,
    problems,
    isStopping,
    isComplete,
    open,
    close,
    reset,
    invalidatePreview,
    setSource,
    loadPreview,
    setTarget,
    run,
    stop,
    loadMoreProblems,
    backToSetup,
  };
});
