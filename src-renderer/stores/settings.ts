/** Settings, backups, removal of old sessions and diagnostics. The main process stores them in the workspace. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type {
  Backup,
  CallError,
  CallInput,
  DiagnosticsBundle,
  Envelope,
  Removal,
  RemovalResult,
  RestoreResult,
  Settings,
} from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';
import { useSessions } from './sessions.ts';

const defaultReasonKeys = ['customerAsked', 'duplicate', 'wrongAmount', 'fraud', 'abandoned', 'test', 'other'] as const;

export const useSettings = defineStore('settings', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const sessions = useSessions();
  const { t } = useI18n({ useScope: 'global' });
  const current = shallowRef<Settings | null>(null);
  const backups = shallowRef<readonly Backup[] | null>(null);
  /** Removals of old sessions: running ones, and those that can still be undone. */
  const removals = shallowRef<readonly Removal[]>([]);
  const failure = shallowRef<CallError | null>(null);
  const defaultReasons = computed(() => defaultReasonKeys.map((name) => t(`reason.${name}`)));

  async function load(): Promise<void> {
    const [result, removalList] = await Promise.all([
      host.call('settings.get', {}),
      host.call('sessions.removals', {}),
    ]);
    if (result.ok) current.value = result.value;
    removals.value = removalList.ok ? removalList.value : [];
    failure.value = result.ok ? null : result.error;
  }

  async function change(changes: CallInput<'settings.change'>): Promise<CallError | null> {
    const result = await host.call('settings.change', changes);
    if (result.ok) current.value = result.value;
    return result.ok ? null : result.error;
  }

  async function loadBackups(): Promise<CallError | null> {
    const result = await host.call('backups.list', {});
    if (result.ok) backups.value = result.value;
    return result.ok ? null : result.error;
  }

  async function createBackup(): Promise<Envelope<Backup>> {
    const result = await host.call('backups.create', {});
    if (result.ok) await loadBackups();
    return result;
  }

  /** Does not reload the list. */
  async function deleteBackup(name: string): Promise<CallError | null> {
    const result = await host.call('backups.delete', { name });
    return result.ok ? null : result.error;
  }

  async function restore(name: string): Promise<CallError | null> {
    const result = await host.call('backups.restore', { name });
    if (result.ok) workspace.applyRestoredState(result.value);
    await Promise.all([load(), loadBackups()]);
    return result.ok ? null : result.error;
  }

  host.on('settings.changed', (next) => {
    current.value = next;
  });
  host.on('removals.changed', ({ rows }) => {
    removals.value = rows;
  });
  watch(
    () => workspace.generation,
    () => {
      backups.value = null;
      removals.value = [];
      void load();
    },
  );

  return {
    current,
    backups,
    removals,
    failure,
    defaultReasons,
    load,
    change,
    loadBackups,
    createBackup,
    deleteBackup,
    restore,
    /** The reasons that the cancel dialog offers. */
    reasons: computed<readonly string[]>(() => current.value?.reasons ?? defaultReasons.value),
    countOldSessions: (olderThanDays: number): Promise<Envelope<{ count: number }>> =>
      host.call('sessions.countOld', { olderThanDays }),
    async removeOldSessions(olderThanDays: number): Promise<Envelope<RemovalResult>> {
      const result = await host.call('sessions.removeOld', { olderThanDays });
      // No event reports removed sessions.
      if (result.ok && sessions.loadedQuery) void sessions.reload();
      return result;
    },
    async undoRemoval(removalId: string): Promise<Envelope<RestoreResult>> {
      const result = await host.call('sessions.undoRemoval', { removalId });
      if (result.ok && sessions.loadedQuery) void sessions.reload();
      return result;
    },
    collectDiagnostics: (): Promise<Envelope<DiagnosticsBundle>> => host.call('diagnostics.collect', {}),
    writeDiagnostics: (diagnosticsId: string): Promise<Envelope<{ file: string }>> =>
      host.call('diagnostics.write', { diagnosticsId }),
  };
});
