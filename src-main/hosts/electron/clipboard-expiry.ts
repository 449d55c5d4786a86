/** Removes a copied text from the clipboard after a minute and at the exit, if the clipboard still holds it. */
import { clipboardExpirySeconds } from '../../contract/index.ts';

/** The part of Electron's clipboard that is used. `readText` returns a promise from Electron 43 on. */
export interface TextClipboard {
  readText(): string | Promise<string>;
  clear(): void;
}

export class ClipboardExpiry {
  readonly #clipboard: TextClipboard;
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(clipboard: TextClipboard) {
    this.#clipboard = clipboard;
  }

  /** Starts the time of a text that was copied, and forgets the previous text: the clipboard no longer holds it. */
  start(text: string): void {
    this.#text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.clear(), clipboardExpirySeconds * 1_000);
  }

  /** Clears the clipboard if it still holds the text. Never rejects. */
  async clear(): Promise<void> {
    const text = this.#text;
    this.#text = undefined;
    clearTimeout(this.#timer);
    if (text === undefined) return;
    try {
      if ((await this.#clipboard.readText()) === text) this.#clipboard.clear();
    } catch {
      // Another program holds the clipboard.
    }
  }
}
