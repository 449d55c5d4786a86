import { app, dialog } from 'electron';
import { withoutWords } from '../dispatch.ts';
import type { Program } from './app-context.ts';

/** Ends the console after something nobody foresaw. Electron's own box would show a stack trace, whatever is in it. */
export function unforeseen({ log, speech }: Pick<Program, 'log' | 'speech'>, error: unknown): void {
  log.error(withoutWords(error), 'The console ends: something happened that was not foreseen');
  const { title, body } = speech.words.unforeseen;
  dialog.showErrorBox(title, body);
  app.exit(1);
}
