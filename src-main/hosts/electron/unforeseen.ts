import { app, dialog } from 'electron';
import type { Log } from '../../core/desk.ts';
import { withoutWords } from '../answer.ts';

/** Ends the console after something nobody foresaw. Electron's own box would show a stack trace, whatever is in it. */
export function unforeseen(log: Log, error: unknown): void {
  log.error(withoutWords(error), 'The console ends: something happened that was not foreseen');
  dialog.showErrorBox(
    'Session Desk has to close',
    'It met a fault that it cannot carry on from. What was already sent is recorded; start it again and it reads back '
    + 'from the provider whatever was left open. The file desk.log in its data folder says where it happened.',
  );
  app.exit(1);
}
