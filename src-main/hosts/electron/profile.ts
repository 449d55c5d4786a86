/** Stores Chromium's files in the data folder, so that instances with different data folders are independent. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';
import type { AppModule } from './app-context.ts';

export const profile: AppModule = ({ dataFolder }) => {
  app.setPath('userData', createProfileFolder(join(dataFolder, 'window')));
  return undefined;
};

/**
 * Creates `folder`, or a temporary folder if the data folder is not writable: the window must open to show the error.
 */
function createProfileFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return mkdtempSync(join(tmpdir(), 'session-desk-'));
  }
}
