import { app, dialog } from 'electron';
import { sanitizeError } from '../dispatch.ts';
import type { AppContext } from './app-context.ts';

/** Shows an error box and exits. Electron's default error box shows a stack trace, which may contain secrets. */
export function exitOnFatalError({ log, locale }: Pick<AppContext, 'log' | 'locale'>, error: unknown): void {
  log.error(sanitizeError(error), 'Fatal error, exiting');
  const { title, body } = locale.messages.fatalError;
  dialog.showErrorBox(title, body);
  app.exit(1);
}
