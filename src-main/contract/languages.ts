/** The languages of the renderer, the native menu and the dialogs. */
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
