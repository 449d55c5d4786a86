/** The language of native texts: the renderer's language, or the system language until the renderer reports it. */
import { matchLanguage } from '../../contract/index.ts';
import type { Language } from '../../contract/index.ts';
import { messagesByLanguage } from './translations/index.ts';
import type { Messages } from './translations/index.ts';

export class Locale {
  readonly #getSystemLanguages: () => readonly string[];
  readonly #listeners = new Set<() => void>();
  #language: Language | undefined;

  /** `getSystemLanguages` returns language tags, preferred first. */
  constructor(getSystemLanguages: () => readonly string[]) {
    this.#getSystemLanguages = getSystemLanguages;
  }

  get messages(): Messages {
    return messagesByLanguage[this.#language ?? matchLanguage(this.#getSystemLanguages())];
  }

  /** Called when the renderer reports its language. */
  setLanguage(language: Language): void {
    if (language === this.#language) return;
    this.#language = language;
    for (const listener of this.#listeners) listener();
  }

  /** Adds a listener for changes of the language. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }
}
