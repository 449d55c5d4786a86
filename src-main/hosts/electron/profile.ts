/** Where the window keeps Chromium's own files: beside the data, so that each data folder is a console of its own. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';
import type { AppModule } from './app-context.ts';

export const profile: AppModule = ({ dataFolder }) => {
  app.setPath('userData', createProfileFolder(join(dataFolder, 'window')));
  return undefined;
};

/** `wanted`, or a passing one where the data folder takes no files: the console must open to say so. */
function createProfileFolder(wanted: string): string {
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    return wanted;
  } catch {
    return mkdtempSync(join(tmpdir(), 'session-desk-'));
  }
}
