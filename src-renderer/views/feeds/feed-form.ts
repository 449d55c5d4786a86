/** The interval and the parse options of a feed as form values. */
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { importField } from '../../contract.ts';
import type { CallInput, ImportField, ImportParseOptions } from '../../contract.ts';

const presetMinutes = [1, 5, 15, 30, 60, 240, 1_440] as const;

export function useFeedIntervals() {
  const { t } = useI18n();
  const label = (minutes: number): string =>
    minutes % 60 === 0 ? t('feeds.everyHours', minutes / 60) : t('feeds.everyMinutes', minutes);
  return {
    label,
    /** The presets, and the current interval if it is not one of them. */
    options: (currentMinutes: number) =>
      computed(() => {
        const minutes = [...new Set([...presetMinutes, currentMinutes])].sort((a, b) => a - b);
        return minutes.map((count) => ({ value: String(count), label: label(count) }));
      }),
  };
}

interface ParsingForm {
  mapping: Record<ImportField, string>;
  amounts: ImportParseOptions['amounts'];
  zonelessTimes: ImportParseOptions['zonelessTimes'];
}

export function createParsingForm(): ParsingForm {
  return {
    mapping: Object.fromEntries(importField.options.map((field) => [field, ''])) as ParsingForm['mapping'],
    amounts: 'plain',
    zonelessTimes: 'refuse',
  };
}

/** If any column is named, only named columns are read. If none is, Session Desk detects them from the rows. */
export function toParsingOptions({ mapping, amounts, zonelessTimes }: ParsingForm): CallInput<'feeds.add'>['reading'] {
  const namedColumns = Object.entries(mapping)
    .map(([field, name]) => [field, name.trim()] as const)
    .filter(([, name]) => name !== '');
  return { mapping: namedColumns.length === 0 ? null : Object.fromEntries(namedColumns), amounts, zonelessTimes };
}
