/** How often a feed may be asked, in minutes. */
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';

const offered = [1, 5, 15, 30, 60, 240, 1_440] as const;

export function useIntervals() {
  const { t } = useI18n();
  const words = (minutes: number): string =>
    minutes % 60 === 0 ? t('feeds.everyHours', minutes / 60) : t('feeds.everyMinutes', minutes);
  return {
    words,
    /** One that is none of the usual ones is offered too, as it was set. */
    choices: (present: () => number) =>
      computed(() => {
        const minutes = [...new Set([...offered, present()])].sort((one, other) => one - other);
        return minutes.map((each) => ({ value: String(each), label: words(each) }));
      }),
  };
}
