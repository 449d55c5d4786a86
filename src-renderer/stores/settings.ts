/** Settings, backups, removal of old sessions and diagnostics. The main process stores them in the workspace. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { CallError, CallInput, Envelope } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHostQuery } from './host-query.ts';
import { afterSuccess, errorOf, useHost } from './host.ts';
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

  async function load(): Promise<void> {
    await Promise.all([current.load(), removals.load()]);
  }

  const change = async (changes: CallInput<'settings.change'>): Promise<CallError | null> =>
    errorOf(await afterSuccess(host.call('settings.change', changes), current.setData));

  /** Changes settings, and offers to undo it in a toast, which outlives the view. Returns the error. */
  async function changeWithUndo(
    changes: CallInput<'settings.change'>,
    previous: CallInput<'settings.change'>,
    message: () => string,
  ): Promise<CallError | null> {
    const error = await change(changes);
    if (!error)
      toasts.show(message(), 'success', {
        label: t('action.undo'),
        run: () => void change(previous).then((failure) => toasts.showResult(failure)),
      });
    return error;
  }

  async function loadBackups(): Promise<CallError | null> {
    await backups.load();
    return backups.failure.value;
  }

  async function restore(name: string): Promise<CallError | null> {
    const result = await afterSuccess(host.call('backups.restore', { name }), workspace.applyRestoredState);
    await Promise.all([load(), backups.load()]);
    return errorOf(result);
  }

  /** No event reports sessions that were removed or restored. */
  const reloadSessionsIfOk = <Value>(call: Promise<Envelope<Value>>) =>
    afterSuccess(call, () => {
      if (sessions.loadedQuery) void sessions.reload();
    });

  host.on('settings.changed', current.setData);
  host.on('removals.changed', ({ rows }) => removals.setData(rows));

  return {
    current: current.data,
    failure: current.failure,
    backups: backups.data,
    removals: computed(() => removals.data.value ?? []),
    load,
    change,
    changeWithUndo,
    loadBackups,
    createBackup: () => afterSuccess(host.call('backups.create', {}), backups.load),
    /** Does not reload the list. */
    deleteBackup: async (name: string) => errorOf(await host.call('backups.delete', { name })),
    restore,
    /** The reasons that the cancel dialog offers. */
    reasons: computed<readonly string[]>(
      () => current.data.value?.reasons ?? defaultReasonKeys.map((name) => t(`reason.${name}`)),
    ),
    countOldSessions: (olderThanDays: number) => host.call('removals.countSessions', { olderThanDays }),
    removeOldSessions: (olderThanDays: number) => reloadSessionsIfOk(host.call('removals.start', { olderThanDays })),
    undoRemoval: (removalId: string) => reloadSessionsIfOk(host.call('removals.undo', { removalId })),
    collectDiagnostics: () => host.call('diagnostics.collect', {}),
    writeDiagnostics: (diagnosticsId: string) => host.call('diagnostics.write', { diagnosticsId }),
  };
});
