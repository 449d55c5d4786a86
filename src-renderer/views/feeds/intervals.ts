/** How often a feed may be asked, in minutes. */
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';

const presetMinutes = [1, 5, 15, 30, 60, 240, 1_440] as const;

export function useFeedIntervals() {
  const { t } = useI18n();
  const label = (minutes: number): string =>
    minutes % 60 === 0 ? t('feeds.everyHours', minutes / 60) : t('feeds.everyMinutes', minutes);
  return {
    label,
    /** One that is none of the usual ones is offered too, as it was set. */
    options: (present: () => number) =>
      computed(() => {
        const minutes = [...new Set([...presetMinutes, present()])].sort((one, other) => one - other);
        return minutes.map((each) => ({ value: String(each), label: label(each) }));
      }),
  };
}
