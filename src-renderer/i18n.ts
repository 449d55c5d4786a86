/**
 * The texts of the renderer. They are precompiled, because the Content-Security-Policy allows no eval. English is part
 * of the bundle; the other locales load on demand.
 */
import { createI18n } from 'vue-i18n';
import { matchLanguage, pluralRules } from './contract.ts';
import type { Language, Message } from './contract.ts';
import en from './locales/en.json';

export { languages } from './contract.ts';
export type { Language } from './contract.ts';

/** Every language by its own name, so that its speakers recognise it. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  'fr-CA': 'Français (Canada)',
  id: 'Bahasa Indonesia',
};

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as string,
  fallbackLocale: 'en',
  messages: { en } as Record<string, typeof en>,
  pluralRules: { ...pluralRules },
});

const lazyLocales = {
  'fr-CA': () => import('./locales/fr-CA.json'),
  id: () => import('./locales/id.json'),
} as const satisfies Record<Exclude<Language, 'en'>, () => Promise<{ default: unknown }>>;

/** The first of the system's preferred languages that has a locale, else English. */
export function systemLanguage(preferred: readonly string[] = navigator.languages): Language {
  return matchLanguage(preferred);
}

let latestRequested: Language = 'en';

/** Resolves when the language is set, or when a later call has replaced this one. */
export async function setLanguage(language: Language): Promise<void> {
  latestRequested = language;
  if (language !== 'en' && !i18n.global.availableLocales.includes(language)) {
    const locale = await lazyLocales[language]();
    i18n.global.setLocaleMessage(language, locale.default as unknown as typeof en);
  }
  if (latestRequested !== language) return;
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
}

/**
 * The message contains its English text. The other locales hold the translations under `message`. A message without a
 * translation, such as a text that an earlier version stored, is shown unchanged.
 */
export function localizeMessage({ message, messageKey, params }: Message): string {
  const { t, te, n } = i18n.global;
  const key = `message.${messageKey}`;
  if (!te(key)) return message;
  const values = Object.fromEntries(
    Object.entries(params).map(([name, param]) => [
      name,
      typeof param === 'object' ? localizeMessage(param) : typeof param === 'number' ? n(param) : param,
    ]),
  );
  const { count } = params;
  return typeof count === 'number' ? t(key, values, count) : t(key, values);
}

/** A copy whose `message` is localized when it is read, so that it follows a change of the language. */
export function withLocalizedMessage<Carrier extends Message>(carrier: Carrier): Carrier {
  return {
    ...carrier,
    get message() {
      return localizeMessage(carrier);
    },
  };
}
