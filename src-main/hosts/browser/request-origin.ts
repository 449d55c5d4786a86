/** Whether a request comes from the console's own page, judged by headers that a foreign page cannot forge. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Why a request is refused, or undefined. `host` is `127.0.0.1:<port>` and nothing else: a name that an attacker's DNS
 * points at loopback arrives with that name. A request that changes something must name its origin.
 */
export function validateRequestOrigin(method: string, headers: IncomingHttpHeaders, host: string): string | undefined {
  if (headers.host !== host) return 'The Host header is not the address of this console.';
  if (headers.origin !== undefined ? headers.origin !== `http://${host}` : method === 'POST') {
    return 'The request comes from another page.';
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // A link to the console in a chat or a terminal in the browser is fine; a foreign page loading parts of it is not.
  const followedLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return followedLink ? undefined : 'The request comes from another page.';
}
