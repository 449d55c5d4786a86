/** The languages of the renderer, the native menu and the dialogs, and the format of their texts (that of vue-i18n). */
import { z } from 'zod';

export const languages = ['en', 'fr-CA', 'id'] as const;
export const language = z.enum(languages);
export type Language = z.infer<typeof language>;

/** The first supported language of `preferred` (language tags, e.g. `fr-FR`), or English if none is supported. */
export function matchLanguage(preferred: readonly string[]): Language {
  const supported = preferred.map((tag) =>
    languages.find((candidate) => candidate.split('-')[0] === tag.toLowerCase().split(/[-_]/)[0]),
  );
  return supported.find((candidate) => candidate !== undefined) ?? 'en';
}

/** The index of the plural form for `count` in a text with `choices` forms. */
type PluralRule = (count: number, choices: number) => number;

/**
 * Selects the plural form of a text by the grammar of the language. If a text has one form more than the grammar, its
 * first form is for zero. The French category `many` (`un million de séances`) is left out: numbers are written in
 * digits.
 */
function createPluralRule(tag: Language): PluralRule {
  const rules = new Intl.PluralRules(tag);
  const forms = rules.resolvedOptions().pluralCategories.filter((category) => category !== 'many');
  return (count, choices) => {
    const category = rules.select(count);
    const categoryIndex = forms.findIndex((form) => form === category);
    const formIndex = categoryIndex < 0 ? forms.length - 1 : categoryIndex;
    if (choices > forms.length) return count === 0 ? 0 : formIndex + 1;
    return Math.min(formIndex, choices - 1);
  };
}

export const pluralRules: Readonly<Record<Language, PluralRule>> = {
  en: createPluralRule('en'),
  'fr-CA': createPluralRule('fr-CA'),
  id: createPluralRule('id'),
};

/** Fills in the parameters `{name}` of a text. `count` selects one of its forms, which ` | ` separates. */
export function formatText(tag: Language, text: string, count: number, getValue: (name: string) => string): string {
  const forms = text.split(' | ');
  const form = forms[pluralRules[tag](count, forms.length)] ?? '';
  return form.replaceAll(/\{(\w+)\}/g, (_match, name: string) => getValue(name));
}
