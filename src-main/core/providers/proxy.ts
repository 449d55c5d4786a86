/**
 * Selects the proxies of a request. Loopback never uses a proxy. Otherwise the resolver of the host applies (Electron's
 * `session.resolveProxy`), or the environment variables if the host has no resolver.
 *
 * Not proxy-agent and proxy-from-env: their connections do not prove that nothing was sent, NO_PROXY does not cover
 * subdomains, and proxy-agent adds 26 packages, among them an interpreter for PAC scripts.
 */

/** An HTTP proxy. Requests use a tunnel (CONNECT), so the proxy cannot read headers and bodies. */
export interface Proxy {
  /** TLS to the proxy itself. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** A `Basic` value, or null. */
  readonly authorization: string | null;
}

/** Returns the format of Electron's `session.resolveProxy`: `DIRECT`, `PROXY host:port; DIRECT`, `HTTPS host:port`. */
export type ProxyResolver = (url: string) => Promise<string>;

/**
 * The proxies to try in this order; null is a direct connection. The list is empty if the required proxies are not
 * supported (SOCKS): a direct connection would break the proxy policy.
 */
type ProxyList = readonly (Proxy | null)[];

const directOnly: ProxyList = [null];

export async function resolveProxies(
  url: URL,
  resolver: ProxyResolver | null,
  environment: NodeJS.ProcessEnv,
): Promise<ProxyList> {
  if (isLoopback(url.hostname)) return directOnly;
  return resolver ? parseProxyList(await resolver(url.href)) : resolveProxiesFromEnvironment(url, environment);
}

/** Whether `hostname` of a URL is this computer. Only loopback may use http. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Parses a proxy auto-configuration (PAC) result. Leaves out the proxies that are not supported. */
export function parseProxyList(pacResult: string): ProxyList {
  const entries = pacResult
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return directOnly;
  return entries.flatMap((entry): ProxyList => {
    if (/^DIRECT$/i.test(entry)) return directOnly;
    const [, kind, authority] = /^(PROXY|HTTP|HTTPS)\s+(\S+)$/i.exec(entry) ?? [];
    const proxy =
      kind && authority ? parseProxyUrl(`${/^HTTPS$/i.test(kind) ? 'https' : 'http'}://${authority}`) : null;
    return proxy ? [proxy] : [];
  });
}

function resolveProxiesFromEnvironment(url: URL, environment: NodeJS.ProcessEnv): ProxyList {
  const readVariable = (name: string): string =>
    environment[name.toLowerCase()] || environment[name.toUpperCase()] || '';
  const value = readVariable('https_proxy') || readVariable('all_proxy');
  if (value === '' || isExempt(url, readVariable('no_proxy'))) return directOnly;
  const proxy = parseProxyUrl(value.includes('://') ? value : `http://${value}`);
  return proxy ? [proxy] : [];
}

/** Parses NO_PROXY as curl does: `*`, or names that match themselves and their subdomains, with an optional port. */
function isExempt(url: URL, exemptions: string): boolean {
  const port = url.port || '443';
  return exemptions
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name, entryPort] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      if (!name || (entryPort && entryPort !== port)) return false;
      return url.hostname === name || url.hostname.endsWith(`.${name}`);
    });
}

function parseProxyUrl(value: string): Proxy | null {
  if (!URL.canParse(value)) return null;
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const isSecure = url.protocol === 'https:';
  const credential = `${decodeUriComponentSafely(url.username)}:${decodeUriComponentSafely(url.password)}`;
  const authorization = url.username === '' ? null : `Basic ${Buffer.from(credential).toString('base64')}`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { isSecure, host, port: Number(url.port) || (isSecure ? 443 : 80), authorization };
}

function decodeUriComponentSafely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
