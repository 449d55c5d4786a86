/** Certificates and proxies on real sockets, with a private certificate authority and a CONNECT proxy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpClientOptions } from '../../../src-main/core/providers/http.ts';
import {
  closeServers,
  findClosedPort,
  startListening,
  portOf,
  createPrivateCa,
  type TlsIdentity,
  type PrivateCa,
} from './loopback-servers.ts';

let ca: PrivateCa;
beforeAll(() => {
  ca = createPrivateCa();
});
afterAll(() => ca.remove());
beforeEach(() => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'NO_PROXY', 'no_proxy']) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  closeServers();
  vi.unstubAllEnvs();
});

interface SecureServer {
  readonly port: number;
  readonly requests: http.IncomingMessage[];
}

async function startSecureServer(identity: TlsIdentity): Promise<SecureServer> {
  const requests: http.IncomingMessage[] = [];
  const server = await startListening(
    https.createServer(identity, (request, response) => {
      requests.push(request);
      response.end('{"ok":true}');
    }),
  );
  return { port: portOf(server), requests };
}

interface ProxyServer {
  readonly url: string;
  readonly connectTargets: { readonly authority: string; readonly authorization: string | undefined }[];
}

/** A proxy that tunnels every name to 127.0.0.1, or refuses with `status`. */
async function startProxyServer(status = 200, identity: TlsIdentity | null = null): Promise<ProxyServer> {
  const connectTargets: { authority: string; authorization: string | undefined }[] = [];
  const server = await startListening(identity ? https.createServer(identity) : http.createServer());
  server.on('connect', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    connectTargets.push({ authority: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 15\r\n\r\n{"error":"mine"`);
    const upstream = net.connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
  });
  return { url: `${identity ? 'https' : 'http'}://127.0.0.1:${portOf(server)}`, connectTargets };
}

function sendRequest(baseUrl: string, options: HttpClientOptions = { extraCaCertificates: [ca.pem] }) {
  return createHttpClient({ connectTimeoutMs: 3_000, ...options }).send({
    connectionId: 'one',
    baseUrl,
    method: 'POST',
    path: '/cancel',
    headers: {
      authorization: 'Bearer t0ken',
    },
    signal: new AbortController().signal,
  });
}

/** Sends a request from a child process with additional environment variables. */
async function sendRequestInChildProcess(baseUrl: string, environment: Record<string, string>): Promise<unknown> {
  const script = fileURLToPath(new URL('request-once.ts', import.meta.url));
  const child = spawn(process.execPath, [script, baseUrl], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return JSON.parse(output);
}

describe('certificates', () => {
  it('certificate: an authority from extraCaCertificates is trusted', async () => {
    const { port } = await startSecureServer(ca.valid);
    expect(await sendRequest(`https://127.0.0.1:${port}`)).toMatchObject({ class: 'answered', body: '{"ok":true}' });
  });

  const refusals: Record<string, [(privateCa: PrivateCa) => TlsIdentity, boolean, string]> = {
    'from an unknown authority': [({ valid }) => valid, false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    'that is self-signed': [({ selfSigned }) => selfSigned, true, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    'that is expired': [({ expired }) => expired, true, 'CERT_HAS_EXPIRED'],
    'for another host name': [({ wrongName }) => wrongName, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  };
  it.each(Object.entries(refusals))(
    'certificate: one %s is refused and nothing is sent',
    async (_name, [selectIdentity, trustsCa, detail]) => {
      const { port, requests } = await startSecureServer(selectIdentity(ca));
      const exchange = await sendRequest(`https://127.0.0.1:${port}`, trustsCa ? undefined : {});
      expect(exchange).toMatchObject({ class: 'not_sent', cause: 'certificate_refused', detail });
      expect(requests).toEqual([]);
    },
  );

  // Verifies E-21.
  it('certificate: is checked even with NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    const { port, requests } = await startSecureServer(ca.selfSigned);
    const exchange = await sendRequestInChildProcess(`https://127.0.0.1:${port}`, {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    });
    expect(exchange).toMatchObject({ class: 'not_sent', cause: 'certificate_refused' });
    expect(requests).toEqual([]);
  });

  it('certificate: the authorities of the computer are trusted', async () => {
    const { port } = await startSecureServer(ca.valid);
    // Node reads the list once. On Linux, SSL_CERT_FILE contains its path.
    const exchange = await sendRequestInChildProcess(`https://127.0.0.1:${port}`, { SSL_CERT_FILE: ca.file });
    expect(exchange).toMatchObject({ class: 'answered', body: '{"ok":true}' });
  });
});

describe('proxies', () => {
  it('proxy: the proxy of the environment sees only the host and port of the request', async () => {
    const { port, requests } = await startSecureServer(ca.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', proxy.url.replace('//', '//user:p%40ss@'));
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({ class: 'answered', httpStatus: 200 });
    expect(proxy.connectTargets).toEqual([
      {
        authority: `provider.test:${port}`,
        authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('proxy: proxyResolver has priority over the environment', async () => {
    const { port } = await startSecureServer(ca.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await findClosedPort()}`);
    const urls: string[] = [];
    const proxyResolver = (url: string) => {
      urls.push(url);
      return Promise.resolve(`PROXY ${new URL(proxy.url).host}; DIRECT`);
    };
    expect(
      await sendRequest(`https://provider.test:${port}`, { extraCaCertificates: [ca.pem], proxyResolver }),
    ).toMatchObject({
      class: 'answered',
    });
    expect(proxy.connectTargets).toHaveLength(1);
    expect(urls).toEqual([`https://provider.test:${port}/`]);
  });

  it('proxy: the certificate of an https proxy is checked', async () => {
    const { port } = await startSecureServer(ca.valid);
    const trusted = await startProxyServer(200, ca.valid);
    vi.stubEnv('HTTPS_PROXY', trusted.url);
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({ class: 'answered' });
    const untrusted = await startProxyServer(200, ca.selfSigned);
    vi.stubEnv('HTTPS_PROXY', untrusted.url);
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({
      class: 'not_sent',
      cause: 'certificate_refused',
      detail: 'PROXY_DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(untrusted.connectTargets).toEqual([]);
  });

  it('proxy: the next request reuses the tunnel', async () => {
    const { port, requests } = await startSecureServer(ca.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    const client = createHttpClient({ extraCaCertificates: [ca.pem] });
    const request = {
      connectionId: 'one',
      baseUrl: `https://provider.test:${port}`,
      method: 'GET' as const,
      path: '/',
      headers: {},
      signal: new AbortController().signal,
    };
    await client.send(request);
    await client.send(request);
    expect(requests).toHaveLength(2);
    expect(proxy.connectTargets).toHaveLength(1);
    client.releaseConnection('one');
  });

  it.each([403, 404, 407, 502])('proxy: a %i of the proxy means that nothing was sent', async (status) => {
    const proxy = await startProxyServer(status);
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    expect(await sendRequest('https://provider.test')).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: `PROXY_${status}`,
    });
  });

  // Verifies E-21.
  it('proxy: a wrong certificate is refused through a tunnel', async () => {
    const { port, requests } = await startSecureServer(ca.wrongName);
    vi.stubEnv('HTTPS_PROXY', (await startProxyServer()).url);
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({
      class: 'not_sent',
      cause: 'certificate_refused',
    });
    expect(requests).toEqual([]);
  });

  it('proxy: nothing is sent directly if the proxy is down, not supported or not known', async () => {
    const { port, requests } = await startSecureServer(ca.valid);
    const baseUrl = `https://provider.test:${port}`;
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await findClosedPort()}`);
    expect(await sendRequest(baseUrl)).toMatchObject({ class: 'not_sent', detail: 'PROXY_ECONNREFUSED' });
    vi.stubEnv('HTTPS_PROXY', 'socks5://127.0.0.1:1080');
    expect(await sendRequest(baseUrl)).toMatchObject({ class: 'not_sent', detail: 'PROXY_UNUSABLE' });
    const proxyResolver = () => Promise.reject(new Error('The proxy script cannot be read.'));
    expect(await sendRequest(baseUrl, { proxyResolver })).toMatchObject({
      class: 'not_sent',
      detail: 'PROXY_UNUSABLE',
    });
    const pendingResolver = () => new Promise<string>(() => undefined);
    expect(await sendRequest(baseUrl, { proxyResolver: pendingResolver, connectTimeoutMs: 50 })).toMatchObject({
      class: 'not_sent',
      detail: 'PROXY_UNUSABLE',
    });
    expect(requests).toEqual([]);
  });

  it('proxy: if a proxy cannot be reached, the next entry of the list is used', async () => {
    const { port, requests } = await startSecureServer(ca.valid);
    const silentProxy = await startListening(net.createServer());
    const unreachable = `PROXY 127.0.0.1:${await findClosedPort()}; PROXY 127.0.0.1:${portOf(silentProxy)}`;
    const proxy = await startProxyServer();
    const sendThrough = (host: string, proxyList: string) =>
      sendRequest(`https://${host}:${port}`, {
        extraCaCertificates: [ca.pem],
        connectTimeoutMs: 500,
        proxyResolver: () => Promise.resolve(proxyList),
      });
    expect(await sendThrough('provider.test', `${unreachable}; PROXY ${new URL(proxy.url).host}`)).toMatchObject({
      class: 'answered',
    });
    expect(proxy.connectTargets).toHaveLength(1);
    expect(requests).toHaveLength(1);
    expect(await sendThrough('provider.test', unreachable)).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: 'PROXY_ETIMEDOUT',
    });
    expect(requests).toHaveLength(1);
    // The name has no address: only the direct connection looks it up.
    expect(await sendThrough('provider.invalid', `${unreachable}; DIRECT`)).toMatchObject({
      class: 'not_sent',
      cause: 'name_not_found',
    });
  });

  it.each([
    [407, null, 'PROXY_407'],
    [200, 'selfSigned', 'PROXY_DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)(
    'proxy: a proxy that answers %i with the certificate %s is the last one',
    async (status, identity, detail) => {
      const { port, requests } = await startSecureServer(ca.valid);
      const refusing = await startProxyServer(status, identity && ca[identity]);
      const other = await startProxyServer();
      const kind = identity ? 'HTTPS' : 'PROXY';
      const proxyList = `${kind} ${new URL(refusing.url).host}; PROXY ${new URL(other.url).host}; DIRECT`;
      expect(
        await sendRequest(`https://provider.test:${port}`, { proxyResolver: () => Promise.resolve(proxyList) }),
      ).toMatchObject({ class: 'not_sent', detail });
      expect(other.connectTargets).toEqual([]);
      expect(requests).toEqual([]);
    },
  );

  it('proxy: loopback requests do not use a proxy', async () => {
    const { port } = await startSecureServer(ca.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    expect(await sendRequest(`https://127.0.0.1:${port}`)).toMatchObject({ class: 'answered' });
    expect(proxy.connectTargets).toEqual([]);
  });
});
