/** Links from elsewhere, e.g. from a ticket: `session-desk://session/` and a reference or session id, written as addresses write it. */

export const linkScheme = 'session-desk';
const longest = 200;

/** The reference or session id that a link names; null for all that is no link of ours. */
export function soughtBy(address: string): string | null {
  const url = URL.parse(address);
  if (url?.protocol !== `${linkScheme}:` || url.host !== 'session') return null;
  const isPlain = [url.username, url.password, url.search, url.hash].every((part) => part === '');
  const [, name = '', ...more] = url.pathname.split('/');
  if (!isPlain || more.length > 0) return null;
  try {
    const sought = decodeURIComponent(name).trim();
    return sought === '' || sought.length > longest || /\p{C}/u.test(sought) ? null : sought;
  } catch {
    return null;
  }
}

/** What the last link among these arguments of a program names; null where there is none. */
export function soughtAmong(given: readonly string[]): string | null {
  return given.map(soughtBy).findLast((sought) => sought !== null) ?? null;
}
