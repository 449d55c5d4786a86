/** Texts and the undo command for removals of old sessions. */
import { useI18n } from 'vue-i18n';
import type { Removal, RestoreResult } from '../contract.ts';
import { useSettings } from '../stores/settings.ts';
import { useToasts } from '../stores/toasts.ts';
import { useFormats } from './formats.ts';

export function useRemovals() {
  const { t } = useI18n({ useScope: 'global' });
  const formats = useFormats();
  const settings = useSettings();
  const toasts = useToasts();

  const clock = (instant: string): string => formats.shortDateTime(instant, Date.parse(instant));
  const isSameDay = (instant: string, now: number): boolean =>
    new Date(instant).toDateString() === new Date(now).toDateString();

  function restoreText({ restoredCount, mergedCount, unrestorableCount }: RestoreResult): string {
    return [
      ...(restoredCount > 0 || mergedCount + unrestorableCount === 0
        ? [formats.countText('settings.sessionsRestored', restoredCount)]
        : []),
      ...(mergedCount > 0 ? [formats.countText('settings.sessionsMerged', mergedCount)] : []),
      ...(unrestorableCount > 0 ? [formats.countText('settings.sessionsNotRestorable', unrestorableCount)] : []),
    ].join(' ');
  }

  return {
    /** Newest first. Removals whose undo period has ended are left out, also before the main process reports it. */
    undoable: (now: number): Removal[] => settings.removals.filter(({ purgesAt }) => Date.parse(purgesAt) > now),
    shortLabel: ({ retainedSessions, removedAt }: Removal): string =>
      formats.countText('settings.removalShort', retainedSessions, { clock: clock(removedAt) }),
    label: ({ retainedSessions, removedAt, operator }: Removal, now: number): string =>
      formats.countText(
        isSameDay(removedAt, now) ? 'settings.removedToday' : 'settings.removedYesterday',
        retainedSessions,
        {
          clock: clock(removedAt),
          operator,
        },
      ),
    undoDeadlineLabel: ({ purgesAt }: Removal, now: number): string =>
      t(isSameDay(purgesAt, now) ? 'settings.undoUntilToday' : 'settings.undoUntilTomorrow', {
        clock: clock(purgesAt),
      }),
    async undo(removalId: string): Promise<void> {
      const result = await settings.undoRemoval(removalId);
      if (result.ok) toasts.show(restoreText(result.value), result.value.unrestorableCount > 0 ? 'error' : 'success');
      else toasts.show(result.error.message, 'error');
    },
  };
}
