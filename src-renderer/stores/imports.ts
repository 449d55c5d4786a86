/** Sessions from a file or a paste: a look at its head, then the whole of it piece by piece, then what came of it. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { longestImportChunk } from '../contract.ts';
import type { CallError, ImportPreview, ImportProblem, ImportReading, ImportState, Product } from '../contract.ts';
import { base64Of, bareList } from '../composables/import-source.ts';
import { i18n } from '../i18n.ts';
import { useHost } from './host.ts';
import { useSessions } from './sessions.ts';

/** Where the dialog stands; null while it is closed. `ended`: finished, stopped or failed, for a check too. */
export type ImportStep = 'choosing' | 'running' | 'ended';

interface Source {
  readonly name: string;
  readonly pasted: boolean;
  readonly bytes: Blob;
  /** 1 where the console put a line with the column's name above a bare list of ids, so that lines count as the operator sees them. */
  readonly addedLines: number;
}

const freshReading: ImportReading = {
  format: null,
  separator: null,
  mapping: null,
  amounts: 'plain',
  zonelessTimes: 'refuse',
  acceptSuggestedIds: false,
};
const problemsAtOnce = 100;

export const useImports = defineStore('imports', () => {
  const host = useHost();
  const sessions = useSessions();
  const step = shallowRef<ImportStep | null>(null);
  const target = shallowRef<{ connectionId: string; product: Product } | null>(null);
  const source = shallowRef<Source | null>(null);
  const reading = shallowRef<ImportReading>(freshReading);
  const preview = shallowRef<ImportPreview | null>(null);
  const looking = shallowRef(false);
  const error = shallowRef<CallError | null>(null);
  const state = shallowRef<ImportState | null>(null);
  const problems = shallowRef<{ rows: readonly ImportProblem[]; kept: number }>({ rows: [], kept: 0 });
  const stopping = shallowRef(false);
  let turn = 0;

  const complete = computed(() => source.value !== null && source.value.bytes.size <= longestImportChunk);

  function open(): void {
    step.value ??= 'choosing';
  }

  function close(): void {
    if (step.value === 'running') return;
    step.value = null;
    forget();
  }

  function forget(): void {
    turn += 1;
    source.value = null;
    preview.value = null;
    error.value = null;
    looking.value = false;
    reading.value = freshReading;
  }

  function unreadable(name: string): CallError {
    return {
      code: 'import_refused',
      message: i18n.global.t('import.unreadable', { name }),
      retryable: true,
      details: {},
    };
  }

  /** A paste is still being typed: what was read of it before is no longer what would be imported. */
  function wait(): void {
    turn += 1;
    looking.value = true;
  }

  /** Takes a file, or text as one. A list of ids without a heading gets one. */
  async function take(bytes: Blob, name: string, pasted: boolean): Promise<void> {
    // From one paste to the next the preview stays until the new one is there.
    if (!pasted || !source.value?.pasted) forget();
    reading.value = freshReading;
    wait();
    const mine = turn;
    try {
      const list = await bareList(bytes);
      if (mine !== turn) return;
      source.value = { name: name.slice(0, 200), pasted, bytes: list ?? bytes, addedLines: list ? 1 : 0 };
      await look();
    } catch {
      if (mine !== turn) return;
      error.value = unreadable(name);
      looking.value = false;
    }
  }

  /** Reads the head again, as the choices now are. */
  async function look(changes: Partial<ImportReading> = {}): Promise<void> {
    reading.value = { ...reading.value, ...changes };
    const [from, into] = [source.value, target.value];
    if (!from || !into) return;
    const mine = ++turn;
    looking.value = true;
    try {
      const head = await base64Of(from.bytes.slice(0, longestImportChunk));
      const answer = await host.ask('imports.preview', {
        ...into,
        head,
        complete: complete.value,
        reading: reading.value,
      });
      if (mine !== turn) return;
      preview.value = answer.ok ? answer.value : null;
      error.value = answer.ok ? null : answer.error;
    } catch {
      if (mine === turn) error.value = unreadable(from.name);
    }
    if (mine === turn) looking.value = false;
  }

  function setTarget(connectionId: string, product: Product): void {
    target.value = { connectionId, product };
    void look();
  }

  /** Sends the pieces in order, each awaited; answers why it broke off, or null. */
  async function send(from: Source, importId: string): Promise<CallError | null> {
    for (let offset = 0; offset < from.bytes.size; offset += longestImportChunk) {
      let bytes: string;
      try {
        bytes = await base64Of(from.bytes.slice(offset, offset + longestImportChunk));
      } catch {
        await host.ask('imports.stop', { importId });
        return unreadable(from.name);
      }
      const answer = await host.ask('imports.chunk', { importId, offset, bytes });
      if (!answer.ok) return answer.error;
      state.value = answer.value;
      if (answer.value.state !== 'running') return null;
    }
    const answer = await host.ask('imports.finish', { importId });
    if (answer.ok) state.value = answer.value;
    return answer.ok ? null : answer.error;
  }

  /** Imports the whole of it; without `write` it is only checked. */
  async function run(write: boolean, badLines: 'skip' | 'stop'): Promise<void> {
    const [from, into] = [source.value, target.value];
    if (!from || !into || step.value === 'running') return;
    step.value = 'running';
    state.value = null;
    error.value = null;
    stopping.value = false;
    problems.value = { rows: [], kept: 0 };
    const begun = await host.ask('imports.begin', {
      ...into,
      fileName: from.name,
      byteLength: from.bytes.size,
      reading: reading.value,
      write,
      badLines,
      source: from.pasted ? 'pasted' : 'imported',
    });
    if (!begun.ok) {
      error.value = begun.error;
      step.value = 'choosing';
      return;
    }
    state.value = begun.value;
    error.value = await send(from, begun.value.importId);
    await readProblems();
    step.value = 'ended';
    if (write) void sessions.reload();
  }

  /** What was tracked before stays. The pieces under way see that it ended. */
  async function stop(): Promise<void> {
    if (!state.value || stopping.value) return;
    stopping.value = true;
    await host.ask('imports.stop', { importId: state.value.importId });
  }

  /** The next of the lines that were wrong. */
  async function readProblems(): Promise<void> {
    if (!state.value) return;
    const { rows } = problems.value;
    const answer = await host.ask('imports.problems', {
      importId: state.value.importId,
      skip: rows.length,
      limit: problemsAtOnce,
    });
    if (answer.ok) problems.value = { rows: [...rows, ...answer.value.rows], kept: answer.value.kept };
  }

  /** Back to the choices, with the file still there. */
  function back(): void {
    if (step.value === 'ended') step.value = 'choosing';
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
    looking,
    error,
    state,
    problems,
    stopping,
    complete,
    open,
    close,
    forget,
    wait,
    take,
    look,
    setTarget,
    run,
    stop,
    readProblems,
    back,
  };
});
