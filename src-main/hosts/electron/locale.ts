/** The texts of the native menu, notifications and dialogs. They come from the catalogue of the renderer. */
import { formatText, matchLanguage } from '../../contract/index.ts';
import type { Language } from '../../contract/index.ts';
import english from '../../../src-renderer/locales/en.json' with { type: 'json' };
import french from '../../../src-renderer/locales/fr-CA.json' with { type: 'json' };
import indonesian from '../../../src-renderer/locales/id.json' with { type: 'json' };

export type Texts = typeof english;

/** A missing translation is a compile error. */
const catalogues: Readonly<Record<Language, Texts>> = { en: english, 'fr-CA': french, id: indonesian };

export class Locale {
  readonly #getSystemLanguages: () => readonly string[];
  readonly #listeners = new Set<() => void>();
  #rendererLanguage: Language | undefined;

  /** `getSystemLanguages` returns language tags, preferred first. */
  constructor(getSystemLanguages: () => readonly string[]) {
    this.#getSystemLanguages = getSystemLanguages;
  }

  get texts(): Texts {
    return catalogues[this.#getLanguage()];
  }

  /** Fills in the parameters of a text. Numbers are formatted for the language; `count` selects the plural form. */
  format(text: string, params: Readonly<Record<string, string | number | readonly number[]>>): string {
    const language = this.#getLanguage();
    const { count } = params;
    return formatText(language, text, Number(count), (name) => {
      const value = params[name] ?? '';
      if (typeof value === 'string') return value;
      if (typeof value === 'number') return value.toLocaleString(language);
      return new Intl.ListFormat(language).format(value.map((each) => each.toLocaleString(language)));
    });
  }

  /** Called when the renderer reports its language. */
  setLanguage(language: Language): void {
    if (language === this.#rendererLanguage) return;
    this.#rendererLanguage = language;
    for (const listener of this.#listeners) listener();
  }

  /** Adds a listener for changes of the language. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The language of the renderer, or that of the system until the renderer reports it. */
  #getLanguage(): Language {
    return this.#rendererLanguage ?? matchLanguage(this.#getSystemLanguages());
  }
}
