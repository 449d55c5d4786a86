/** The one way out to the system's browser: no other file may use Electron's shell, and lint sees to it. */
import { shell } from 'electron';
import { canOpenExternally } from './app-origin.ts';
import { allowedExternalHosts } from './policy.ts';

/** Opens an address of the list; anything else is dropped. The system would start any program for any scheme. */
export function openExternal(address: string, allowedHosts: readonly string[] = allowedExternalHosts): void {
  if (canOpenExternally(address, allowedHosts)) void shell.openExternal(address);
}
