/** Which addresses are the console's own. Addresses are parsed, never compared by their beginning. */

export const appScheme = 'app';
export const appOrigin = `${appScheme}://desk`;

/** The page's origin: `app://desk`, or the development server's where that runs on this very machine. */
export function getPageOrigin(developmentUrl: string | undefined): string {
  const url = developmentUrl === undefined ? null : parseUrl(developmentUrl);
  return url !== null && isLoopback(url.hostname) ? getOrigin(url) : appOrigin;
}

/** Whether `address` is a page of `origin`. Empty and `about:blank` are not. */
export function isAppPage(address: string, origin: string): boolean {
  const url = parseUrl(address);
  return url !== null && url.username === '' && url.password === '' && getOrigin(url) === origin;
}

/** Whether `address` may be handed to the system's browser: https, on exactly one of these hosts, nothing hidden in it. */
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

/** `URL.origin` is the word `null` for a scheme of our own. */
function getOrigin(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
