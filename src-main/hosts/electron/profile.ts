/** Stores Chromium's files in the data folder, so that instances with different data folders are independent. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';
import { ensurePrivateFolder } from '../../core/index.ts';
import type { AppModule } from './app-context.ts';

export const profile: AppModule = ({ dataFolder }) => {
  app.setPath('userData', createProfileFolder(join(dataFolder, 'window')));
  return undefined;
};

/**
 * Creates `folder`, or a temporary folder if the data folder is not writable or not private: the window must open to
 * show the error.
 */
function createProfileFolder(folder: string): string {
  try {
    ensurePrivateFolder(folder);
    return folder;
  } catch {
    return mkdtempSync(join(tmpdir(), 'session-desk-'));
  }
}
