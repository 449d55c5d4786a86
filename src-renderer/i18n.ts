/** The words of the screen, precompiled: the Content-Security-Policy allows no eval. English is at hand, the others are read when they are spoken. */
import { createI18n } from 'vue-i18n';
import { matchLanguage, languages } from './contract.ts';
import type { Language } from './contract.ts';
import en from './locales/en.json';

export { languages } from './contract.ts';
export type { Language } from './contract.ts';

/** Each in its own words, so that whoever reads no other finds it. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  'fr-CA': 'Français (Canada)',
  id: 'Bahasa Indonesia',
};

/**
 * Chooses between a message's forms as the language's grammar does; a form before those is for none at all.
 * French has a third category, for whole millions in words (`un million de séances`): numbers here are in digits.
 */
export function pluralRule(language: string): (count: number, choices: number) => number {
  const rules = new Intl.PluralRules(language);
  const forms = rules.resolvedOptions().pluralCategories.filter((category) => category !== 'many');
  return (count, choices) => {
    const category = rules.select(count);
    const found = forms.findIndex((form) => form === category);
    const form = found < 0 ? forms.length - 1 : found;
    if (choices > forms.length) return count === 0 ? 0 : form + 1;
    return Math.min(form, choices - 1);
  };
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as string,
  fallbackLocale: 'en',
  messages: { en } as Record<string, typeof en>,
  pluralRules: Object.fromEntries(languages.map((language) => [language, pluralRule(language)])),
});

const lazyLocales = {
  'fr-CA': () => import('./locales/fr-CA.json'),
  id: () => import('./locales/id.json'),
} as const satisfies Record<Exclude<Language, 'en'>, () => Promise<{ default: unknown }>>;

/** The first language of the system that the console speaks; English where it speaks none of them. */
export function systemLanguage(wanted: readonly string[] = navigator.languages): Language {
  return matchLanguage(wanted);
}

let latestRequested: Language = 'en';

/** Resolves once the screen speaks the language, or a newer wish has overtaken this one. */
export async function setLanguage(language: Language): Promise<void> {
  latestRequested = language;
  if (language !== 'en' && !i18n.global.availableLocales.includes(language)) {
    const messages = await lazyLocales[language]();
    i18n.global.setLocaleMessage(language, messages.default as unknown as typeof en);
  }
  if (latestRequested !== language) return;
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
}
