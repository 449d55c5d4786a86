/** What the window says its own words in: the language of the screen, and until that has told it, the system's. */
import { matchLanguage } from '../../contract/index.ts';
import type { Language } from '../../contract/index.ts';
import { messagesByLanguage } from './translations/index.ts';
import type { Messages } from './translations/index.ts';

export class Locale {
  readonly #getSystemLanguages: () => readonly string[];
  readonly #listeners = new Set<() => void>();
  #language: Language | undefined;

  /** `system`: the system's languages as tags, the dearest first. */
  constructor(system: () => readonly string[]) {
    this.#getSystemLanguages = system;
  }

  get messages(): Messages {
    return messagesByLanguage[this.#language ?? matchLanguage(this.#getSystemLanguages())];
  }

  /** The screen speaks it from now on. */
  setLanguage(language: Language): void {
    if (language === this.#language) return;
    this.#language = language;
    for (const listener of this.#listeners) listener();
  }

  /** Tells of every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }
}
