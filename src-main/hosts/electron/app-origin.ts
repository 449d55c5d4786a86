/** Which addresses are the console's own. Addresses are parsed, never compared by their beginning. */

export const scheme = 'app';
export const appOrigin = `${scheme}://desk`;

/** The page's origin: `app://desk`, or the development server's where that runs on this very machine. */
export function pageOrigin(developmentUrl: string | undefined): string {
  const url = developmentUrl === undefined ? null : parsed(developmentUrl);
  return url !== null && isLoopback(url.hostname) ? originOf(url) : appOrigin;
}

/** Whether `address` is a page of `origin`. Empty and `about:blank` are not. */
export function isOwnPage(address: string, origin: string): boolean {
  const url = parsed(address);
  return url !== null && url.username === '' && url.password === '' && originOf(url) === origin;
}

/** Whether `address` may be handed to the system's browser: https, on exactly one of these hosts, nothing hidden in it. */
export function mayOpenExternally(address: string, allowedHosts: readonly string[]): boolean {
  const url = parsed(address);
  return (
    url !== null &&
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    allowedHosts.includes(url.host)
  );
}

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** `URL.origin` is the word `null` for a scheme of our own. */
function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
