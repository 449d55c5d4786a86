/** Opens the default browser without a shell. The package `open` does the same with 12 packages and PowerShell. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePrivateFolder } from '../../core/index.ts';
import { renderRedirectPage } from './html-pages.ts';

/** The program that opens a URL in the default browser, and its arguments. */
export function getOpenCommand(platform: NodeJS.Platform, url: string): { command: string; args: string[] } {
  switch (platform) {
    case 'darwin':
      return { command: 'open', args: [url] };
    case 'win32':
      return { command: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
    default:
      return { command: 'xdg-open', args: [url] };
  }
}

/** Opens a URL. A failure is ignored, because the address is also printed. */
export type OpenUrl = (url: string) => void;

const openWithSystem: OpenUrl = (url) => {
  const { command, args } = getOpenCommand(process.platform, url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
};

/**
 * Opens the one-time `address` through a redirect page in `folder`, because every user of the computer can read program
 * arguments, but not this file. Returns a function that deletes the page; call it after login.
 */
export function openInBrowser(address: string, folder: string, open: OpenUrl = openWithSystem): () => void {
  const file = join(folder, 'open.html');
  const removePage = () => {
    try {
      rmSync(file, { force: true });
    } catch {
      // The code in the file is useless after this process ends.
    }
  };
  removePage();
  try {
    // In a folder of another user, that user could replace the page.
    ensurePrivateFolder(folder);
    writeFileSync(file, renderRedirectPage(address), { flag: 'wx', mode: 0o600 });
    open(pathToFileURL(file).href);
  } catch {
    // The folder is not writable or not private. The address is printed in the terminal.
  }
  return removePage;
}
