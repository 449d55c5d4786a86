import type { Language } from '../../../contract/index.ts';

/** Formatters of numbers, lists and plurals for a language. */
export function createFormatters(language: Language) {
  const numbers = new Intl.NumberFormat(language);
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const rules = new Intl.PluralRules(language);
  const count = (value: number): string => numbers.format(value);
  return {
    count,
    list: (values: readonly number[]): string => lists.format(values.map(count)),
    /**
     * French uses `one` for 0 too. Its category `many` applies to millions in words only, so `other` fits for digits.
     */
    plural: (value: number, one: string, other: string): string => (rules.select(value) === 'one' ? one : other),
  };
}
