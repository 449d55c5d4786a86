/** Deep links, e.g. in a ticket: `session-desk://session/` followed by a URL-encoded reference or session id. */

export const deepLinkScheme = 'session-desk';
const maxTargetLength = 200;

/** The reference or session id of a deep link, or null if `address` is not a valid deep link. */
export function parseDeepLink(address: string): string | null {
  const url = URL.parse(address);
  if (url?.protocol !== `${deepLinkScheme}:` || url.host !== 'session') return null;
  const hasOnlyPath = [url.username, url.password, url.search, url.hash].every((part) => part === '');
  const [, name = '', ...otherSegments] = url.pathname.split('/');
  if (!hasOnlyPath || otherSegments.length > 0) return null;
  try {
    const target = decodeURIComponent(name).trim();
    return target === '' || target.length > maxTargetLength || /\p{C}/u.test(target) ? null : target;
  } catch {
    return null;
  }
}

/** The target of the last deep link among program arguments, or null. */
export function findDeepLink(args: readonly string[]): string | null {
  return args.map(parseDeepLink).findLast((target) => target !== null) ?? null;
}
