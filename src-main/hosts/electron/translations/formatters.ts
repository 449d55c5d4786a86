import type { Language } from '../../../contract/index.ts';

/** Numbers, lists of them, and what goes with one thing or with more, as the language has it. */
export function createFormatters(language: Language) {
  const numbers = new Intl.NumberFormat(language);
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const rules = new Intl.PluralRules(language);
  const count = (value: number): string => numbers.format(value);
  return {
    count,
    list: (values: readonly number[]): string => lists.format(values.map(count)),
    /** In French nothing goes with the form for one; its third category is for millions in words, which are in digits here. */
    plural: (value: number, one: string, more: string): string => (rules.select(value) === 'one' ? one : more),
  };
}
