/** The security policy of the window as data and plain functions; security.ts and window.ts apply it. */
import type { WebPreferences } from 'electron';
import { isAppPage } from './app-origin.ts';

/** What the page may do: nothing of Node, nothing of Electron but the preload's client. */
export function createWebPreferences(preload: string, development: boolean): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // The spell checker would fetch dictionaries from the network, and learn words from payers' references.
    spellcheck: false,
    devTools: development,
  };
}

/** Hosts whose https pages may open in the system's browser: none so far. */
export const allowedExternalHosts: readonly string[] = [];

/** Copying an id is all the page may ask of the system. */
export function isPermissionAllowed(permission: string, requestingUrl: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && isAppPage(requestingUrl, origin);
}

/** Every address that leaves the machine or reaches a server on it; the console's own scheme and `data:` are not among them. */
export const networkPatterns = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'] as const;

/** Whether the window may load from an address of the network: from its development server, and nothing where there is none. */
export function isRequestAllowed(address: string, origin: string): boolean {
  return isAppPage(address.replace(/^ws:/i, 'http:'), origin);
}

/** Who sent an IPC message, as far as Electron knows. */
export interface IpcSender {
  readonly url: string | undefined;
  readonly isMainFrame: boolean;
  readonly isAppWindow: boolean;
}

/** Whether a call comes from our page in the main frame of our window. */
export function isTrustedSender(sender: IpcSender, origin: string): boolean {
  return sender.isAppWindow && sender.isMainFrame && sender.url !== undefined && isAppPage(sender.url, origin);
}
