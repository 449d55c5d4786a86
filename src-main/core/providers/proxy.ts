/**
 * Selects the proxy of a request. Loopback never uses a proxy. Otherwise the resolver of the host applies (Electron's
 * `session.resolveProxy`), or the environment variables if the host has no resolver.
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

type ProxyRoute =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: Proxy }
  /** The required proxy is not supported (SOCKS). A direct connection would break the proxy policy. */
  | { readonly kind: 'unusable' };

const directRoute: ProxyRoute = { kind: 'direct' };

export async function resolveProxy(
  url: URL,
  resolver: ProxyResolver | null,
  environment: NodeJS.ProcessEnv,
): Promise<ProxyRoute> {
  if (isLoopback(url.hostname)) return directRoute;
  return resolver ? parseProxyList(await resolver(url.href)) : resolveProxyFromEnvironment(url, environment);
}

/** Whether `hostname` of a URL is this computer. Only loopback may use http. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Parses a proxy auto-configuration (PAC) result and returns the first supported route. */
export function parseProxyList(pacResult: string): ProxyRoute {
  const entries = pacResult
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return directRoute;
  for (const entry of entries) {
    if (/^DIRECT$/i.test(entry)) return directRoute;
    const [, kind, authority] = /^(PROXY|HTTP|HTTPS)\s+(\S+)$/i.exec(entry) ?? [];
    const proxy =
      kind && authority ? parseProxyUrl(`${/^HTTPS$/i.test(kind) ? 'https' : 'http'}://${authority}`) : null;
    if (proxy) return { kind: 'proxy', proxy };
  }
  return { kind: 'unusable' };
}

function resolveProxyFromEnvironment(url: URL, environment: NodeJS.ProcessEnv): ProxyRoute {
  const readVariable = (name: string): string =>
    environment[name.toLowerCase()] || environment[name.toUpperCase()] || '';
  const value = readVariable('https_proxy') || readVariable('all_proxy');
  if (value === '' || isExempt(url, readVariable('no_proxy'))) return directRoute;
  const proxy = parseProxyUrl(value.includes('://') ? value : `http://${value}`);
  return proxy ? { kind: 'proxy', proxy } : { kind: 'unusable' };
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
