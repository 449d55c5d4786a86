/** Intervals of a feed, in minutes. */
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';

const presetMinutes = [1, 5, 15, 30, 60, 240, 1_440] as const;

export function useFeedIntervals() {
  const { t } = useI18n();
  const label = (minutes: number): string =>
    minutes % 60 === 0 ? t('feeds.everyHours', minutes / 60) : t('feeds.everyMinutes', minutes);
  return {
    label,
    /** The presets, and the current interval if it is not one of them. */
    options: (currentMinutes: () => number) =>
      computed(() => {
        const minutes = [...new Set([...presetMinutes, currentMinutes()])].sort((a, b) => a - b);
        return minutes.map((count) => ({ value: String(count), label: label(count) }));
      }),
  };
}
