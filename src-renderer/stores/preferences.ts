/** Preferences of the person at this computer, stored in localStorage. */
import { defineStore } from 'pinia';
import { shallowRef, watch, watchEffect } from 'vue';
import { columnNames, sanitizeColumns, minColumnWidth, defaultColumns, maxColumnWidth } from '../session-list.ts';
import type { ColumnName } from '../session-list.ts';
import { languages, setLanguage, systemLanguage } from '../i18n.ts';
import type { Language } from '../i18n.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];
export const languageChoices = ['system', ...languages] as const;
export type LanguageSetting = (typeof languageChoices)[number];

type ColumnWidths = Readonly<Partial<Record<ColumnName, number>>>;

function readOption<Value extends string>(name: string, allowed: readonly Value[], defaultValue: Value): Value {
  const value = localStorage.getItem(name);
  return allowed.find((candidate) => candidate === value) ?? defaultValue;
}

/** The language of the setting; for `system`, the language of the operating system. */
export function resolveLanguage(
  setting: LanguageSetting = readOption('language', languageChoices, 'system'),
): Language {
  return setting === 'system' ? systemLanguage() : setting;
}

/** The stored value, not validated; null if it is missing or not valid JSON. */
function readJson(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

function readColumns(): readonly ColumnName[] {
  const names = readJson('columns');
  return Array.isArray(names) ? sanitizeColumns(names.map(String)) : defaultColumns;
}

function readColumnWidths(): ColumnWidths {
  const widths = new Map(Object.entries(readJson('widths') ?? {}).map(([name, width]) => [name, Number(width)]));
  return Object.fromEntries(
    columnNames
      .map((name) => [name, widths.get(name) ?? 0] as const)
      .filter(([, width]) => width >= minColumnWidth && width <= maxColumnWidth),
  );
}

export const usePreferences = defineStore('preferences', () => {
  const theme = shallowRef<Theme>(readOption('theme', themes, 'system'));
  const density = shallowRef<Density>(readOption('density', densities, 'comfortable'));
  const language = shallowRef<LanguageSetting>(readOption('language', languageChoices, 'system'));
  const columns = shallowRef(readColumns());
  /** Widths in px of the columns that the operator has resized. */
  const columnWidths = shallowRef<ColumnWidths>(readColumnWidths());

  watchEffect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem('theme', theme.value);
  });
  watchEffect(() => {
    document.documentElement.dataset['density'] = density.value;
    localStorage.setItem('density', density.value);
  });
  watch(
    language,
    (setting) => {
      void setLanguage(resolveLanguage(setting));
      localStorage.setItem('language', setting);
    },
    { immediate: true },
  );
  watchEffect(() => localStorage.setItem('columns', JSON.stringify(columns.value)));
  watchEffect(() => localStorage.setItem('widths', JSON.stringify(columnWidths.value)));

  return {
    theme,
    density,
    language,
    columns,
    columnWidths,
    showColumn(name: ColumnName, shown: boolean): void {
      const rest = columns.value.filter((each) => each !== name);
      columns.value = shown ? [...rest, name] : rest;
    },
    /** Moves a column one position to the left (-1) or to the right (1). */
    moveColumn(name: ColumnName, by: -1 | 1): void {
      const from = columns.value.indexOf(name);
      const to = from + by;
      if (from < 0 || to < 0 || to >= columns.value.length) return;
      const next = columns.value.filter((each) => each !== name);
      next.splice(to, 0, name);
      columns.value = next;
    },
    resizeColumn(name: ColumnName, width: number): void {
      columnWidths.value = {
        ...columnWidths.value,
        [name]: Math.round(Math.min(maxColumnWidth, Math.max(minColumnWidth, width))),
      };
    },
    resetColumns(): void {
      columns.value = defaultColumns;
      columnWidths.value = {};
    },
  };
});
