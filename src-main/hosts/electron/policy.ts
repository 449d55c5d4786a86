/**
 * The security policy of the window, as data and pure functions; security.ts and window.ts apply it. Addresses are
 * parsed, never compared by prefix.
 */
import type { ProxyConfig, WebPreferences } from 'electron';
import { isLoopback } from '../../core/index.ts';

export const appScheme = 'app';
export const appOrigin = `${appScheme}://desk`;

/** The page's origin: `app://desk`, or the origin of the development server if that is a loopback address. */
export function getPageOrigin(developmentUrl: string | undefined): string {
  const url = developmentUrl === undefined ? null : parseUrl(developmentUrl);
  return url !== null && isLoopback(url.hostname) ? getOrigin(url) : appOrigin;
}

/** Whether `address` is a page of `origin`. Returns false for an empty address and `about:blank`. */
export function isAppPage(address: string, origin: string): boolean {
  const url = parseUrl(address);
  return url !== null && url.username === '' && url.password === '' && getOrigin(url) === origin;
}

/** Whether the default browser may open `address`: https, an allowed host, and no credentials. */
export function canOpenExternally(address: string, allowedHosts: readonly string[]): boolean {
  const url = parseUrl(address);
  return (
    url !== null &&
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    allowedHosts.includes(url.host)
  );
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** Like `URL.origin`, which is the string `null` for a custom scheme. */
function getOrigin(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

/** The page has no access to Node, and to Electron only through the preload. */
export function createWebPreferences(preload: string, isDevelopment: boolean): WebPreferences {
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
    // The spell checker downloads dictionaries and stores words of references.
    spellcheck: false,
    devTools: isDevelopment,
  };
}

/** Hosts whose https pages may open in the default browser. Currently none. */
export const allowedExternalHosts: readonly string[] = [];

/** The page may only write to the clipboard, to copy ids. */
export function isPermissionAllowed(permission: string, requestingUrl: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && isAppPage(requestingUrl, origin);
}

/** URL patterns of all network requests; they do not match the app scheme and `data:`. */
export const networkPatterns = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'] as const;

/** Whether the window may send a network request: only to the development server, if there is one. */
export function isRequestAllowed(address: string, origin: string): boolean {
  return isAppPage(address.replace(/^ws:/i, 'http:'), origin);
}

/**
 * WebRTC passes neither `onBeforeRequest` nor the Content-Security-Policy. With this policy it uses no UDP. Its TCP
 * connections go through the proxy of the session.
 */
export const webRtcIpHandlingPolicy = 'disable_non_proxied_udp';

/**
 * The proxy of the window: none that exists, so that nothing of Chromium connects to another computer. Only root can
 * listen on port 1. `<-loopback>` also applies the proxy to this computer; only the development server is exempt.
 */
export function createWindowProxy(origin: string): ProxyConfig {
  const developmentServer = /^https?:\/\/(.+)$/.exec(origin)?.[1];
  return {
    mode: 'fixed_servers',
    proxyRules: '127.0.0.1:1',
    proxyBypassRules: developmentServer === undefined ? '<-loopback>' : `<-loopback>;${developmentServer}`,
  };
}

/** A page could send data in host names: `<link rel="dns-prefetch">` passes neither the proxy nor the policy. */
export const dnsPrefetchSetting = 'dnsPrefetchingEnabled=false';

/** The sender of an IPC message. */
export interface IpcSender {
  readonly url: string | undefined;
  readonly isMainFrame: boolean;
  readonly isAppWindow: boolean;
}

/** Whether a call comes from the Session Desk page in the main frame of the window. */
export function isTrustedSender(sender: IpcSender, origin: string): boolean {
  return sender.isAppWindow && sender.isMainFrame && sender.url !== undefined && isAppPage(sender.url, origin);
}
