/** What the desk is set to, its backups, what is old, and the diagnostics: kept by the main process, for everybody who works on this record. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type {
  Backup,
  CallError,
  CallInput,
  Diagnostics,
  Envelope,
  Removal,
  Removed,
  Restored,
  Settings,
} from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';
import { useSessions } from './sessions.ts';

const usualReasons = ['customerAsked', 'duplicate', 'wrongAmount', 'fraud', 'abandoned', 'test', 'other'] as const;

export const useSettings = defineStore('settings', () => {
  const host = useHost();
  const desk = useDesk();
  const sessions = useSessions();
  const { t } = useI18n({ useScope: 'global' });
  const current = shallowRef<Settings | null>(null);
  const backups = shallowRef<readonly Backup[] | null>(null);
  /** Of old sessions: those under way, and those that can still be undone. */
  const removals = shallowRef<readonly Removal[]>([]);
  const failure = shallowRef<CallError | null>(null);
  const usual = computed(() => usualReasons.map((name) => t(`reason.${name}`)));

  async function load(): Promise<void> {
    const [answer, kept] = await Promise.all([host.ask('settings.get', {}), host.ask('sessions.removals', {})]);
    if (answer.ok) current.value = answer.value;
    removals.value = kept.ok ? kept.value : [];
    failure.value = answer.ok ? null : answer.error;
  }

  async function change(changes: CallInput<'settings.change'>): Promise<CallError | null> {
    const answer = await host.ask('settings.change', changes);
    if (answer.ok) current.value = answer.value;
    return answer.ok ? null : answer.error;
  }

  async function loadBackups(): Promise<CallError | null> {
    const answer = await host.ask('backups.list', {});
    if (answer.ok) backups.value = answer.value;
    return answer.ok ? null : answer.error;
  }

  async function backUp(): Promise<Envelope<Backup>> {
    const answer = await host.ask('backups.make', {});
    if (answer.ok) await loadBackups();
    return answer;
  }

  async function restore(name: string): Promise<CallError | null> {
    const answer = await host.ask('backups.restore', { name });
    if (answer.ok) desk.takeAnew(answer.value);
    await Promise.all([load(), loadBackups()]);
    return answer.ok ? null : answer.error;
  }

  host.on('settings.changed', (next) => {
    current.value = next;
  });
  host.on('removals.changed', ({ rows }) => {
    removals.value = rows;
  });
  watch(
    () => desk.generation,
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
    usual,
    load,
    change,
    loadBackups,
    backUp,
    restore,
    /** The reasons that are offered for a cancellation. */
    reasons: computed<readonly string[]>(() => current.value?.reasons ?? usual.value),
    countOld: (olderThanDays: number): Promise<Envelope<{ count: number }>> =>
      host.ask('sessions.countOld', { olderThanDays }),
    async removeOld(olderThanDays: number): Promise<Envelope<Removed>> {
      const answer = await host.ask('sessions.removeOld', { olderThanDays });
      // No event names what is gone.
      if (answer.ok && sessions.shown) void sessions.reload();
      return answer;
    },
    async undoRemoval(removalId: string): Promise<Envelope<Restored>> {
      const answer = await host.ask('sessions.undoRemoval', { removalId });
      if (answer.ok && sessions.shown) void sessions.reload();
      return answer;
    },
    gather: (): Promise<Envelope<Diagnostics>> => host.ask('diagnostics.gather', {}),
    write: (diagnosticsId: string): Promise<Envelope<{ file: string }>> =>
      host.ask('diagnostics.write', { diagnosticsId }),
  };
});
