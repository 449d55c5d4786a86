/** Opening the default browser, without a shell in between. */
import { spawn } from 'node:child_process';

/** The program that opens a URL in the person's browser, and its arguments. */
export function openerFor(platform: NodeJS.Platform, url: string): { command: string; args: string[] } {
  switch (platform) {
    case 'darwin': return { command: 'open', args: [url] };
    case 'win32': return { command: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
    default: return { command: 'xdg-open', args: [url] };
  }
}

/** Tries to open `url`; that it cannot is fine, because the address is printed too. */
export function openInBrowser(url: string): void {
  const { command, args } = openerFor(process.platform, url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
