/** The languages that the console speaks: its screen, and the window around it. */
import { z } from 'zod';

export const languages = ['en', 'fr-CA', 'id'] as const;
export const language = z.enum(languages);
export type Language = z.infer<typeof language>;

/** The first of the wanted languages (as tags, e.g. `fr-FR`) that the console speaks; English where it speaks none of them. */
export function matchLanguage(wanted: readonly string[]): Language {
  const spoken = wanted.map((tag) =>
    languages.find((each) => each.split('-')[0] === tag.toLowerCase().split(/[-_]/)[0]),
  );
  return spoken.find((each) => each !== undefined) ?? 'en';
}
