/**
 * Opens the connection for a request: DNS lookup, TCP, a tunnel through a proxy if one is configured, and TLS. A
 * request only gets a socket that this module opened. A failure in this module therefore proves that nothing was sent.
 */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { getErrorCode } from '../../contract/index.ts';
import type { Proxy } from './proxy.ts';

export type ConnectErrorCause = 'connect_failed' | 'name_not_found' | 'certificate_refused';

/** `detail` is a code such as `ECONNREFUSED`, `CERT_HAS_EXPIRED` or `PROXY_407`; never a host, a header or a secret. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failureCause: ConnectErrorCause;
  readonly detail: string;

  constructor(failureCause: ConnectErrorCause, detail: string) {
    super(`${failureCause}: ${detail}`);
    this.failureCause = failureCause;
    this.detail = detail;
  }
}

/** A socket or request that is destroyed if the connection fails. */
interface Destroyable {
  destroy(): unknown;
}

interface Destination {
  readonly host: string;
  readonly port: number;
  /** The host name that the certificate must contain; empty if the host is an IP address. */
  readonly serverName: string;
  /** The trusted certificate authorities, or null for http (loopback only). */
  readonly trustedCas: tls.SecureContext | null;
  /** The proxies to try in this order; null is a direct connection. Not empty. */
  readonly proxies: readonly (Proxy | null)[];
}

/** OpenSSL's certificate error codes as Node reports them; `ERR_TLS_CERT_ALTNAME_INVALID` comes from Node. */
const certificateErrorPattern = new RegExp(
  `^(${[
    'CERT_',
    'CRL_',
    'ERROR_IN_CERT',
    'DEPTH_ZERO_SELF_SIGNED',
    'SELF_SIGNED',
    'UNABLE_TO_',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH',
    'HOSTNAME_MISMATCH',
    'ERR_TLS_CERT_',
  ].join('|')})`,
);
const dnsErrorPattern = /^(ENOTFOUND|EAI_)/;

/**
 * Resolves with a connected socket (for TLS: verified) or rejects with a ConnectError. If a proxy cannot be reached,
 * the next one is tried. A proxy that refuses the tunnel, or whose certificate is not valid, ends the attempt.
 * `timeoutMs` applies to each proxy.
 */
export async function openConnection(destination: Destination, timeoutMs: number): Promise<net.Socket> {
  const [proxy = null, ...otherProxies] = destination.proxies;
  try {
    return await openThroughProxy(destination, proxy, timeoutMs);
  } catch (error) {
    const isUnreachable = error instanceof ConnectError && /^PROXY_E/.test(error.detail);
    if (!isUnreachable || error.failureCause !== 'connect_failed' || otherProxies.length === 0) throw error;
    return openConnection({ ...destination, proxies: otherProxies }, timeoutMs);
  }
}

async function openThroughProxy(destination: Destination, proxy: Proxy | null, timeoutMs: number): Promise<net.Socket> {
  const resources: Destroyable[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isTunnelOpen = proxy === null;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new ConnectError('connect_failed', isTunnelOpen ? 'ETIMEDOUT' : 'PROXY_ETIMEDOUT')),
      timeoutMs,
    );
  });
  const open = async () => {
    const tunnel = proxy && (await openTunnel(proxy, destination, resources));
    isTunnelOpen = true;
    return connect(destination, tunnel, resources);
  };
  try {
    return await Promise.race([open(), timeout]);
  } catch (error) {
    for (const resource of resources) resource.destroy();
    throw error instanceof ConnectError ? error : toConnectError(error, '');
  } finally {
    clearTimeout(timer);
  }
}

async function connect(
  { host, port, serverName, trustedCas }: Destination,
  tunnel: net.Socket | null,
  resources: Destroyable[],
): Promise<net.Socket> {
  const socket = trustedCas
    ? tls.connect({
        host,
        port,
        servername: serverName,
        secureContext: trustedCas,
        ALPNProtocols: ['http/1.1'],
        // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment has no effect.
        rejectUnauthorized: true,
        ...(tunnel && { socket: tunnel }),
      })
    : net.connect({ host, port });
  resources.push(socket);
  // Without a listener, an error after the timeout would end the process.
  socket.on('error', () => undefined);
  await once(socket, trustedCas ? 'secureConnect' : 'connect');
  return socket;
}

async function openTunnel(
  proxy: Proxy,
  { host, port, trustedCas }: Destination,
  resources: Destroyable[],
): Promise<net.Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const request = (proxy.isSecure ? https : http).request({
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
    ...(proxy.isSecure && trustedCas && { secureContext: trustedCas, rejectUnauthorized: true }),
  });
  resources.push(request);
  request.on('error', () => undefined);
  request.end();
  try {
    const [response, socket, head] = (await once(request, 'connect')) as [http.IncomingMessage, net.Socket, Buffer];
    resources.push(socket);
    if (response.statusCode !== 200) throw new ConnectError('connect_failed', `PROXY_${response.statusCode}`);
    if (head.length > 0) socket.unshift(head);
    return socket;
  } catch (error) {
    throw error instanceof ConnectError ? error : toConnectError(error, 'PROXY_');
  }
}

function toConnectError(error: unknown, prefix: string): ConnectError {
  const code = getErrorCode(error) ?? 'UNKNOWN';
  const detail = `${prefix}${code}`;
  if (certificateErrorPattern.test(code)) return new ConnectError('certificate_refused', detail);
  // An unknown name of a proxy does not prove that the name of the provider is unknown.
  if (dnsErrorPattern.test(code) && prefix === '') return new ConnectError('name_not_found', detail);
  return new ConnectError('connect_failed', detail);
}
