/** Import of sessions from a file or pasted text: preview of its head, upload in chunks, result. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { AppError, createMessage, maxImportChunkBytes } from '../contract.ts';
import type { CallError, ImportPreview, ImportProblem, ImportParseOptions, ImportState, Product } from '../contract.ts';
import { withLocalizedMessage } from '../i18n.ts';
import { errorOf, useHost } from './host.ts';
import { useSessions } from './sessions.ts';

/** Step of the dialog; null while it is closed. `ended`: the import or the check has finished, stopped or failed. */
export type ImportStep = 'setup' | 'running' | 'ended';

interface ImportSource {
  readonly name: string;
  readonly isPasted: boolean;
  readonly bytes: Blob;
  /** 1 if a header line was added to a plain list of IDs. Shown line numbers subtract it. */
  readonly addedHeaderLines: number;
}

const defaultParseOptions: ImportParseOptions = {
  format: null,
  separator: null,
  mapping: null,
  amounts: 'plain',
  zonelessTimes: 'refuse',
  acceptSuggestedIds: false,
};
const problemPageSize = 100;

/** Rejects if the file can no longer be read, e.g. because it was moved. */
function toBase64(bytes: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? (reader.result.split(',')[1] ?? '') : '');
    reader.onerror = () => reject(reader.error ?? new DOMException('The file cannot be read.'));
    reader.readAsDataURL(bytes);
  });
}

/**
 * Adds a header line to a plain list of IDs. Returns null for any other content. The first line is an ID if it contains
 * a digit and no separator: column names contain no digits.
 */
export async function prependIdHeader(bytes: Blob): Promise<Blob | null> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await bytes.slice(0, 1_000).arrayBuffer());
  const hasByteOrderMark = text.startsWith('\uFEFF');
  const [firstLine = ''] = text.slice(hasByteOrderMark ? 1 : 0).split(/\r?\n|\r/, 1);
  const isId = /^[^\s,;|[{\0][^\s,;|\0]*$/.test(firstLine.trim()) && /\d/.test(firstLine);
  return isId ? new Blob(['session_id\n', bytes.slice(hasByteOrderMark ? 3 : 0)]) : null;
}

export const useImports = defineStore('imports', () => {
  const host = useHost();
  const sessions = useSessions();
  const step = shallowRef<ImportStep | null>(null);
  const target = shallowRef<{ connectionId: string; product: Product } | null>(null);
  const source = shallowRef<ImportSource | null>(null);
  const parseOptions = shallowRef<ImportParseOptions>(defaultParseOptions);
  const preview = shallowRef<ImportPreview | null>(null);
  const isLoadingPreview = shallowRef(false);
  const error = shallowRef<CallError | null>(null);
  const state = shallowRef<ImportState | null>(null);
  const problems = shallowRef<{ rows: readonly ImportProblem[]; retained: number }>({ rows: [], retained: 0 });
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
    parseOptions.value = defaultParseOptions;
  }

  function unreadableFileError(name: string): CallError {
    return withLocalizedMessage(
      new AppError('import_refused', createMessage('import.fileUnreadable', { name }), {
        retryable: true,
      }).toCallError(),
    );
  }

  /** Called while the operator edits pasted text: the preview no longer matches it. */
  function invalidatePreview(): void {
    requestId += 1;
    isLoadingPreview.value = true;
  }

  /** Sets a file or pasted text as the source. A plain list of IDs gets a header line. */
  async function setSource(bytes: Blob, name: string, isPasted: boolean): Promise<void> {
    // While pasted text is edited, the old preview stays until the new one is loaded.
    if (!isPasted || !source.value?.isPasted) reset();
    parseOptions.value = defaultParseOptions;
    invalidatePreview();
    const currentRequest = requestId;
    try {
      const withHeader = await prependIdHeader(bytes);
      if (currentRequest !== requestId) return;
      source.value = {
        name: name.slice(0, 200),
        isPasted,
        bytes: withHeader ?? bytes,
        addedHeaderLines: withHeader ? 1 : 0,
      };
      await loadPreview();
    } catch {
      if (currentRequest !== requestId) return;
      error.value = unreadableFileError(name);
      isLoadingPreview.value = false;
    }
  }

  /** Reads the head again with the changed parse options. */
  async function loadPreview(changes: Partial<ImportParseOptions> = {}): Promise<void> {
    parseOptions.value = { ...parseOptions.value, ...changes };
    const [currentSource, currentTarget] = [source.value, target.value];
    if (!currentSource || !currentTarget) return;
    const currentRequest = ++requestId;
    isLoadingPreview.value = true;
    try {
      const head = await toBase64(currentSource.bytes.slice(0, maxImportChunkBytes));
      const result = await host.call('imports.preview', {
        ...currentTarget,
        head,
        isComplete: isComplete.value,
        parseOptions: parseOptions.value,
      });
      if (currentRequest !== requestId) return;
      preview.value = result.ok ? result.value : null;
      error.value = errorOf(result);
    } catch {
      if (currentRequest === requestId) error.value = unreadableFileError(currentSource.name);
    }
    if (currentRequest === requestId) isLoadingPreview.value = false;
  }

  function setTarget(connectionId: string, product: Product): void {
    target.value = { connectionId, product };
    void loadPreview();
  }

  /** Sends the chunks one after the other. Returns why the upload failed, or null. */
  async function upload({ bytes, name }: ImportSource, importId: string): Promise<CallError | null> {
    for (let offset = 0; offset < bytes.size; offset += maxImportChunkBytes) {
      let chunk: string;
      try {
        chunk = await toBase64(bytes.slice(offset, offset + maxImportChunkBytes));
      } catch {
        await host.call('imports.stop', { importId });
        return unreadableFileError(name);
      }
      const result = await host.call('imports.addChunk', { importId, offset, bytes: chunk });
      if (!result.ok) return result.error;
      state.value = result.value;
      if (result.value.state !== 'running') return null;
    }
    const result = await host.call('imports.finish', { importId });
    if (result.ok) state.value = result.value;
    return errorOf(result);
  }

  /** Imports the whole source. Without `shouldWrite` the source is checked and nothing is stored. */
  async function run(shouldWrite: boolean, onInvalidLine: 'skip' | 'stop'): Promise<void> {
    const [currentSource, currentTarget] = [source.value, target.value];
    if (!currentSource || !currentTarget || step.value === 'running') return;
    step.value = 'running';
    state.value = null;
    error.value = null;
    isStopping.value = false;
    problems.value = { rows: [], retained: 0 };
    const started = await host.call('imports.start', {
      ...currentTarget,
      fileName: currentSource.name,
      byteLength: currentSource.bytes.size,
      parseOptions: parseOptions.value,
      shouldWrite,
      onInvalidLine,
      source: currentSource.isPasted ? 'pasted' : 'imported',
    });
    if (!started.ok) {
      error.value = started.error;
      step.value = 'setup';
      return;
    }
    state.value = started.value;
    error.value = await upload(currentSource, started.value.importId);
    await loadMoreProblems();
    step.value = 'ended';
    if (shouldWrite) void sessions.reload();
  }

  /** Sessions that are already tracked stay. The running upload ends with the response to its next chunk. */
  async function stop(): Promise<void> {
    if (!state.value || isStopping.value) return;
    isStopping.value = true;
    await host.call('imports.stop', { importId: state.value.importId });
  }

  /** Loads the next page of invalid lines. */
  async function loadMoreProblems(): Promise<void> {
    if (!state.value) return;
    const { rows } = problems.value;
    const result = await host.call('imports.listProblems', {
      importId: state.value.importId,
      skip: rows.length,
      limit: problemPageSize,
    });
    if (result.ok) problems.value = { rows: [...rows, ...result.value.rows], retained: result.value.retained };
  }

  /** Returns to the setup step and keeps the source. */
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
    parseOptions,
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
