/** Decides which addresses belong to Session Desk. Addresses are parsed, never compared by prefix. */
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
