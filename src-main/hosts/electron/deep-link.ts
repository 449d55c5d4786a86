/** Links from elsewhere, e.g. from a ticket: `session-desk://session/` and a reference or session id, written as addresses write it. */

export const deepLinkScheme = 'session-desk';
const maxTargetLength = 200;

/** The reference or session id that a link names; null for all that is no link of ours. */
export function parseDeepLink(address: string): string | null {
  const url = URL.parse(address);
  if (url?.protocol !== `${deepLinkScheme}:` || url.host !== 'session') return null;
  const isPlain = [url.username, url.password, url.search, url.hash].every((part) => part === '');
  const [, name = '', ...more] = url.pathname.split('/');
  if (!isPlain || more.length > 0) return null;
  try {
    const target = decodeURIComponent(name).trim();
    return target === '' || target.length > maxTargetLength || /\p{C}/u.test(target) ? null : target;
  } catch {
    return null;
  }
}

/** What the last link among these arguments of a program names; null where there is none. */
export function findDeepLink(given: readonly string[]): string | null {
  return given.map(parseDeepLink).findLast((target) => target !== null) ?? null;
}
