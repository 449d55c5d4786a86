/** The log file: one JSON object per line in the data folder, for diagnostics. Contains no secrets. */
import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from '../core/app.ts';
import { ensurePrivateFolder } from '../core/index.ts';

const maxLogFileBytes = 5_000_000;

/** No code logs these keys; redaction is a second line of defence. */
const redactedKeys = ['secret', 'token', 'password', 'authorization', 'body', 'headers', 'input'];

/**
 * Opens `<dataFolder>/desk.log`. A full file is renamed to `desk.log.1`. If the file cannot be opened, the log goes to
 * standard error.
 */
export function openLogger(dataFolder: string): Logger {
  const options = {
    redact: { paths: [...redactedKeys, ...redactedKeys.map((key) => `*.${key}`)], censor: '[redacted]' },
    base: null,
  };
  try {
    ensurePrivateFolder(dataFolder);
    const path = join(dataFolder, 'desk.log');
    const stats = lstatSync(path, { throwIfNoEntry: false });
    // Never write through a symbolic link.
    if (stats && !stats.isFile()) throw new Error('The log is not a regular file.');
    if ((stats?.size ?? 0) > maxLogFileBytes) renameSync(path, `${path}.1`);
    const destination = pino.destination({ dest: path, sync: true, mode: 0o600 });
    // A full disk must not end the process.
    destination.on('error', () => undefined);
    return pino(options, destination);
  } catch {
    return pino(options, pino.destination({ dest: 2, sync: true }));
  }
}
