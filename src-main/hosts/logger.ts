/** The console's log: one JSON object a line in the data folder, for the diagnostics of a case, never for secrets. */
import { lstatSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from '../core/app.ts';

const maxLogFileBytes = 5_000_000;

/** What must not be in a log in the first place; struck out should it ever be. */
const redactedKeys = ['secret', 'token', 'password', 'authorization', 'body', 'headers', 'input'];

/** Logs to `<dataFolder>/desk.log`, the one before kept as `desk.log.1`; to standard error where the folder takes no file. */
export function openLogger(dataFolder: string): Logger {
  const options = {
    redact: { paths: [...redactedKeys, ...redactedKeys.map((key) => `*.${key}`)], censor: '[redacted]' },
    base: null,
  };
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const path = join(dataFolder, 'desk.log');
    const found = lstatSync(path, { throwIfNoEntry: false });
    // Not through a link that somebody else has put there.
    if (found && !found.isFile()) throw new Error('The log is not a plain file.');
    if ((found?.size ?? 0) > maxLogFileBytes) renameSync(path, `${path}.1`);
    const destination = pino.destination({ dest: path, sync: true, mode: 0o600 });
    // A disk that fills up later must not take the console down with it.
    destination.on('error', () => undefined);
    return pino(options, destination);
  } catch {
    return pino(options, pino.destination({ dest: 2, sync: true }));
  }
}
