/** What the window says its own words in: the language of the screen, and until that has told it, the system's. */
import { languageAmong } from '../../contract/index.ts';
import type { Language } from '../../contract/index.ts';
import { wordsIn } from './translations/index.ts';
import type { Words } from './translations/index.ts';

export class Speech {
  readonly #system: () => readonly string[];
  readonly #listeners = new Set<() => void>();
  #language: Language | undefined;

  /** `system`: the system's languages as tags, the dearest first. */
  constructor(system: () => readonly string[]) {
    this.#system = system;
  }

  get words(): Words {
    return wordsIn[this.#language ?? languageAmong(this.#system())];
  }

  /** The screen speaks it from now on. */
  speak(language: Language): void {
    if (language === this.#language) return;
    this.#language = language;
    for (const listener of this.#listeners) listener();
  }

  /** Tells of every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }
}
