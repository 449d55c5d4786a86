/** Opens addresses in the default browser. ESLint forbids Electron's shell in all other files. */
import { shell } from 'electron';
import { canOpenExternally } from './app-origin.ts';
import { allowedExternalHosts } from './policy.ts';

/**
 * Opens an address on an allowed host and ignores all others, because the system may start any program for a scheme.
 */
export function openExternal(address: string, allowedHosts: readonly string[] = allowedExternalHosts): void {
  if (canOpenExternally(address, allowedHosts)) void shell.openExternal(address);
}
