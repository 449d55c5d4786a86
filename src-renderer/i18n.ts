/** The words of the screen, precompiled: the Content-Security-Policy allows no eval. */
import { createI18n } from 'vue-i18n';
import en from './locales/en.json';

/** Chooses between `one | other` as the locale's grammar does. */
function pluralRule(locale: string) {
  const rules = new Intl.PluralRules(locale);
  const categories = rules.resolvedOptions().pluralCategories;
  return (count: number, choices: number): number => Math.min(categories.indexOf(rules.select(count)), choices - 1);
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en },
  pluralRules: { en: pluralRule('en') },
});
