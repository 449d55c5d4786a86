/** Settings, backups, removal of old sessions and diagnostics. The main process stores them in the workspace. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Backup, CallError, CallInput, Envelope } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHostQuery } from './host-query.ts';
import { errorOf, useHost } from './host.ts';
import { useSessions } from './sessions.ts';
import { useToasts } from './toasts.ts';

const defaultReasonKeys = ['customerAsked', 'duplicate', 'wrongAmount', 'fraud', 'abandoned', 'test', 'other'] as const;

export const useSettings = defineStore('settings', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const sessions = useSessions();
  const toasts = useToasts();
  const { t } = useI18n({ useScope: 'global' });
  const openInput = () => (workspace.isOpen ? {} : null);
  const current = useHostQuery('settings.get', openInput, { isShared: true });
  /** Removals of old sessions: running ones, and those that can still be undone. */
  const removals = useHostQuery('removals.list', openInput, { isShared: true });
  const backups = useHostQuery('backups.list', () => ({}), { isLazy: true });
  const defaultReasons = computed(() => defaultReasonKeys.map((name) => t(`reason.${name}`)));

  async function load(): Promise<void> {
    await Promise.all([current.load(), removals.load()]);
  }

  async function change(changes: CallInput<'settings.change'>): Promise<CallError | null> {
    const result = await host.call('settings.change', changes);
    if (result.ok) current.setData(result.value);
    return errorOf(result);
  }

  /** Changes settings, and offers to undo it in a toast, which outlives the view. Returns the error. */
  async function changeWithUndo(
    changes: CallInput<'settings.change'>,
    previous: CallInput<'settings.change'>,
    message: () => string,
  ): Promise<CallError | null> {
    const error = await change(changes);
    if (!error) toasts.show(message(), 'success', { label: t('action.undo'), run: () => void undo(previous) });
    return error;
  }

  async function undo(previous: CallInput<'settings.change'>): Promise<void> {
    const error = await change(previous);
    if (error) toasts.show(error.message, 'error');
  }

  async function loadBackups(): Promise<CallError | null> {
    await backups.load();
    return backups.failure.value;
  }

  async function createBackup(): Promise<Envelope<Backup>> {
    const result = await host.call('backups.create', {});
    if (result.ok) await backups.load();
    return result;
  }

  async function restore(name: string): Promise<CallError | null> {
    const result = await host.call('backups.restore', { name });
    if (result.ok) workspace.applyRestoredState(result.value);
    await Promise.all([load(), backups.load()]);
    return errorOf(result);
  }

  /** No event reports sessions that were removed or restored. */
  async function reloadSessionsIfOk<Value>(call: Promise<Envelope<Value>>): Promise<Envelope<Value>> {
    const result = await call;
    if (result.ok && sessions.loadedQuery) void sessions.reload();
    return result;
  }

  host.on('settings.changed', current.setData);
  host.on('removals.changed', ({ rows }) => removals.setData(rows));

  return {
    current: current.data,
    failure: current.failure,
    backups: backups.data,
    removals: computed(() => removals.data.value ?? []),
    defaultReasons,
    load,
    change,
    changeWithUndo,
    loadBackups,
    createBackup,
    /** Does not reload the list. */
    deleteBackup: async (name: string) => errorOf(await host.call('backups.delete', { name })),
    restore,
    /** The reasons that the cancel dialog offers. */
    reasons: computed<readonly string[]>(() => current.data.value?.reasons ?? defaultReasons.value),
    countOldSessions: (olderThanDays: number) => host.call('removals.countSessions', { olderThanDays }),
    removeOldSessions: (olderThanDays: number) => reloadSessionsIfOk(host.call('removals.start', { olderThanDays })),
    undoRemoval: (removalId: string) => reloadSessionsIfOk(host.call('removals.undo', { removalId })),
    collectDiagnostics: () => host.call('diagnostics.collect', {}),
    writeDiagnostics: (diagnosticsId: string) => host.call('diagnostics.write', { diagnosticsId }),
  };
});
