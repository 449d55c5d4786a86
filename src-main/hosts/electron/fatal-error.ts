import { app, dialog } from 'electron';
import { sanitizeError } from '../dispatch.ts';
import type { Logger } from '../../core/app.ts';
import type { Locale } from './locale.ts';

/** Shows an error box and exits. Electron's default error box shows a stack trace, which may contain secrets. */
export function exitOnFatalError({ log, locale }: { log: Logger; locale: Locale }, error: unknown): void {
  log.error(sanitizeError(error), 'Fatal error, exiting');
  const { title, body } = locale.messages.fatalError;
  dialog.showErrorBox(title, body);
  app.exit(1);
}
