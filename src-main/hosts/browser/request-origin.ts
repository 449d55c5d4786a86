/** Checks that a request comes from the Session Desk page, using headers that other pages cannot forge. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Why a request is rejected, or undefined. `host` is `127.0.0.1:<port>`. The exact comparison prevents DNS rebinding:
 * such a request carries the attacker's host name. A POST request must have an Origin header.
 */
export function validateRequestOrigin(method: string, headers: IncomingHttpHeaders, host: string): string | undefined {
  if (headers.host !== host) return 'The Host header does not match the address of Session Desk.';
  if (headers.origin !== undefined ? headers.origin !== `http://${host}` : method === 'POST') {
    return 'The request comes from another page.';
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // A top-level navigation is allowed, e.g. a link in a chat. Another page must not load resources of Session Desk.
  const isNavigation =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isNavigation ? undefined : 'The request comes from another page.';
}
