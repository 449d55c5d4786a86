/**
 * Opens one connection, ready to carry a request: name look-up, TCP, the tunnel through a proxy if need be, and TLS. A
 * request is only ever given a socket that came out of here, so whatever fails in here proves that nothing was sent.
 */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import type { Proxy } from './proxy.ts';

export type ConnectErrorCause = 'connect_failed' | 'name_not_found' | 'certificate_refused';

/** `detail` is a code such as `ECONNREFUSED`, `CERT_HAS_EXPIRED` or `PROXY_407`; never a host, a header or a secret. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failureCause: ConnectErrorCause;
  readonly detail: string;

  constructor(why: ConnectErrorCause, detail: string) {
    super(`${why}: ${detail}`);
    this.failureCause = why;
    this.detail = detail;
  }
}

interface Destination {
  readonly host: string;
  readonly port: number;
  /** The name the certificate must carry; empty where the host is an address. */
  readonly serverName: string;
  /** The authorities to trust, or null for a plain connection (loopback alone). */
  readonly trustedCas: tls.SecureContext | null;
  readonly proxy: Proxy | null;
}

/** OpenSSL's verdicts on a certificate, as Node passes them on; `ERR_TLS_CERT_ALTNAME_INVALID` is Node's own. */
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

/** Resolves with a connected socket (for TLS: verified) or rejects with a ConnectError within `limitMs`. */
export async function openConnection(destination: Destination, limitMs: number): Promise<net.Socket> {
  const opened: { destroy(): unknown }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ConnectError('connect_failed', 'ETIMEDOUT')), limitMs);
  });
  try {
    return await Promise.race([connect(destination, opened), limit]);
  } catch (error) {
    for (const part of opened) part.destroy();
    throw error instanceof ConnectError ? error : toConnectError(error, '');
  } finally {
    clearTimeout(timer);
  }
}

async function connect(destination: Destination, opened: { destroy(): unknown }[]): Promise<net.Socket> {
  const { host, port, serverName, trustedCas, proxy } = destination;
  const tunnel = proxy ? await openTunnel(proxy, destination, opened) : null;
  const socket = trustedCas
    ? tls.connect({
        host,
        port,
        servername: serverName,
        secureContext: trustedCas,
        ALPNProtocols: ['http/1.1'],
        // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
        rejectUnauthorized: true,
        ...(tunnel && { socket: tunnel }),
      })
    : net.connect({ host, port });
  opened.push(socket);
  // A late error of a socket nobody waits for any more must not end the process.
  socket.on('error', () => undefined);
  await once(socket, trustedCas ? 'secureConnect' : 'connect');
  return socket;
}

async function openTunnel(
  proxy: Proxy,
  { host, port, trustedCas }: Destination,
  opened: { destroy(): unknown }[],
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
  opened.push(request);
  request.on('error', () => undefined);
  request.end();
  try {
    const [response, socket, head] = (await once(request, 'connect')) as [http.IncomingMessage, net.Socket, Buffer];
    opened.push(socket);
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
  // A proxy's name that cannot be found says nothing about the provider's.
  if (dnsErrorPattern.test(code) && prefix === '') return new ConnectError('name_not_found', detail);
  return new ConnectError('connect_failed', detail);
}

/** Node's `code` of an error, where it has one. */
export function getErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
