import { app, dialog } from 'electron';
import { sanitizeError } from '../dispatch.ts';
import type { AppContext } from './app-context.ts';

/** Ends the console after something nobody foresaw. Electron's own box would show a stack trace, whatever is in it. */
export function exitOnFatalError({ log, locale }: Pick<AppContext, 'log' | 'locale'>, error: unknown): void {
  log.error(sanitizeError(error), 'The console ends: something happened that was not foreseen');
  const { title, body } = locale.messages.fatalError;
  dialog.showErrorBox(title, body);
  app.exit(1);
}
