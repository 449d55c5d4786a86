/** Old sessions that were removed and can be brought back: what is said of them, and the act, wherever it is offered. */
import { useI18n } from 'vue-i18n';
import type { Removal, Restored } from '../contract.ts';
import { useSettings } from '../stores/settings.ts';
import { useToasts } from '../stores/toasts.ts';
import { useFormats } from './formats.ts';

export function useRemovals() {
  const { t } = useI18n({ useScope: 'global' });
  const formats = useFormats();
  const settings = useSettings();
  const toasts = useToasts();

  const clock = (instant: string): string => formats.moment(instant, Date.parse(instant));
  const isSameDay = (instant: string, now: number): boolean =>
    new Date(instant).toDateString() === new Date(now).toDateString();
  const counted = (key: string, count: number, more: Record<string, string> = {}): string =>
    t(key, { count: formats.number(count), ...more }, count);

  function back({ restored, joined, lost }: Restored): string {
    return [
      ...(restored > 0 || joined + lost === 0 ? [counted('settings.oldBack', restored)] : []),
      ...(joined > 0 ? [counted('settings.oldJoined', joined)] : []),
      ...(lost > 0 ? [counted('settings.oldLost', lost)] : []),
    ].join(' ');
  }

  return {
    /** Newest first; one whose time is over is no longer offered, whoever has told so. */
    kept: (now: number): Removal[] => settings.removals.filter(({ until }) => Date.parse(until) > now),
    short: ({ sessions, at }: Removal): string => counted('settings.removalShort', sessions, { clock: clock(at) }),
    what: ({ sessions, at, operator }: Removal, now: number): string =>
      counted(isSameDay(at, now) ? 'settings.removedToday' : 'settings.removedYesterday', sessions, {
        clock: clock(at),
        operator,
      }),
    until: ({ until }: Removal, now: number): string =>
      t(isSameDay(until, now) ? 'settings.keptUntilToday' : 'settings.keptUntilTomorrow', { clock: clock(until) }),
    async undo(removalId: string): Promise<void> {
      const answer = await settings.undoRemoval(removalId);
      if (answer.ok) toasts.say(back(answer.value), answer.value.lost > 0 ? 'problem' : 'good');
      else toasts.say(answer.error.message, 'problem');
    },
  };
}
