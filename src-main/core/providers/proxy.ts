/**
 * Which way a request leaves this machine. One policy for both hosts: loopback is never proxied; else the host's answer
 * (Electron's `session.resolveProxy`) where it hands one in, and the environment's variables where it does not.
 */

/** An HTTP proxy that is asked for a tunnel (CONNECT), so that it sees neither headers nor bodies. */
export interface Proxy {
  /** TLS to the proxy itself. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** A `Basic` value, or null. */
  readonly authorization: string | null;
}

/** Answers as Electron's `session.resolveProxy` does: `DIRECT`, `PROXY host:port; DIRECT`, `HTTPS host:port`. */
export type ProxyResolver = (url: string) => Promise<string>;

type ProxyRoute =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: Proxy }
  /** A proxy is demanded that this console cannot speak to (SOCKS); to go around it would break the policy. */
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

/** Whether a URL's host is this machine itself: the one place where http is not an open wire. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Reads a proxy auto-configuration answer and takes the first way it can go. */
export function parseProxyList(answer: string): ProxyRoute {
  const choices = answer
    .split(';')
    .map((choice) => choice.trim())
    .filter((choice) => choice !== '');
  if (choices.length === 0) return directRoute;
  for (const choice of choices) {
    if (/^DIRECT$/i.test(choice)) return directRoute;
    const [, kind, authority] = /^(PROXY|HTTP|HTTPS)\s+(\S+)$/i.exec(choice) ?? [];
    const proxy =
      kind && authority ? parseProxyUrl(`${/^HTTPS$/i.test(kind) ? 'https' : 'http'}://${authority}`) : null;
    if (proxy) return { kind: 'proxy', proxy };
  }
  return { kind: 'unusable' };
}

function resolveProxyFromEnvironment(url: URL, environment: NodeJS.ProcessEnv): ProxyRoute {
  const named = (name: string): string => environment[name.toLowerCase()] || environment[name.toUpperCase()] || '';
  const value = named('https_proxy') || named('all_proxy');
  if (value === '' || isExempt(url, named('no_proxy'))) return directRoute;
  const proxy = parseProxyUrl(value.includes('://') ? value : `http://${value}`);
  return proxy ? { kind: 'proxy', proxy } : { kind: 'unusable' };
}

/** NO_PROXY as curl reads it: `*`, or names that stand for themselves and all below them, with a port if need be. */
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
  const authorization =
    url.username === ''
      ? null
      : `Basic ${Buffer.from(`${decodeUriComponentSafely(url.username)}:${decodeUriComponentSafely(url.password)}`).toString('base64')}`;
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
