/** Opening the default browser, without a shell in between. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderRedirectPage } from './html-pages.ts';

/** The program that opens a URL in the person's browser, and its arguments. */
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

/** Opens `url` in some way; that it cannot is fine, because the address is printed too. */
export type OpenUrl = (url: string) => void;

const openWithSystem: OpenUrl = (url) => {
  const { command, args } = getOpenCommand(process.platform, url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
};

/**
 * Opens the one-time `address` by a page in `folder` that leads there: the arguments of a program are for every user of
 * the machine to read, and this file is not. The function that it returns takes the page away; call it once it was used.
 */
export function openInBrowser(address: string, folder: string, open: OpenUrl = openWithSystem): () => void {
  const file = join(folder, 'open.html');
  const takeAway = () => {
    try {
      rmSync(file, { force: true });
    } catch {
      // The code in it is of no use to anybody once this process ends.
    }
  };
  takeAway();
  try {
    writeFileSync(file, renderRedirectPage(address), { flag: 'wx', mode: 0o600 });
    open(pathToFileURL(file).href);
  } catch {
    // A folder that takes no files: the address is printed.
  }
  return takeAway;
}
