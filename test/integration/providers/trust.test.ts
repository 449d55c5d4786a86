/** Certificates and proxies, on real sockets: a private authority, a real CONNECT proxy, and no way around either. */
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

let authority: PrivateCa;
beforeAll(() => {
  authority = createPrivateCa();
});
afterAll(() => authority.remove());
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
      response.end('{"fine":true}');
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
    const onward = net.connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  return { url: `${identity ? 'https' : 'http'}://127.0.0.1:${portOf(server)}`, connectTargets };
}

function sendRequest(baseUrl: string, options: HttpClientOptions = { extraCaCertificates: [authority.pem] }) {
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

/** The same from a process with an environment of its own. */
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
  it('trusts a private authority that it was given', async () => {
    const { port } = await startSecureServer(authority.valid);
    expect(await sendRequest(`https://127.0.0.1:${port}`)).toMatchObject({ class: 'answered', body: '{"fine":true}' });
  });

  const refusals: Record<string, [(known: PrivateCa) => TlsIdentity, boolean, string]> = {
    'signed by an authority nobody knows': [({ valid }) => valid, false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    'signed by itself': [({ selfSigned }) => selfSigned, true, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    expired: [({ expired }) => expired, true, 'CERT_HAS_EXPIRED'],
    'for another name': [({ wrongName }) => wrongName, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  };
  it.each(Object.entries(refusals))('refuses one %s, and sends nothing', async (_name, [identity, known, detail]) => {
    const { port, requests } = await startSecureServer(identity(authority));
    const outcome = await sendRequest(`https://127.0.0.1:${port}`, known ? undefined : {});
    expect(outcome).toMatchObject({ class: 'not_sent', cause: 'certificate_refused', detail });
    expect(requests).toEqual([]);
  });

  // Verifies E-21.
  it('checks even where the environment says not to', async () => {
    const { port, requests } = await startSecureServer(authority.selfSigned);
    const outcome = await sendRequestInChildProcess(`https://127.0.0.1:${port}`, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(outcome).toMatchObject({ class: 'not_sent', cause: 'certificate_refused' });
    expect(requests).toEqual([]);
  });

  it('trusts the machine’s own list', async () => {
    const { port } = await startSecureServer(authority.valid);
    // Node reads the list once; on Linux SSL_CERT_FILE says where it is.
    const outcome = await sendRequestInChildProcess(`https://127.0.0.1:${port}`, { SSL_CERT_FILE: authority.file });
    expect(outcome).toMatchObject({ class: 'answered', body: '{"fine":true}' });
  });
});

describe('proxies', () => {
  it('tunnels through the environment’s proxy, which sees a host and a port and nothing else', async () => {
    const { port, requests } = await startSecureServer(authority.valid);
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

  it('asks the host’s policy where there is one, not the environment', async () => {
    const { port } = await startSecureServer(authority.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await findClosedPort()}`);
    const urls: string[] = [];
    const proxyResolver = (url: string) => {
      urls.push(url);
      return Promise.resolve(`PROXY ${new URL(proxy.url).host}; DIRECT`);
    };
    expect(
      await sendRequest(`https://provider.test:${port}`, { extraCaCertificates: [authority.pem], proxyResolver }),
    ).toMatchObject({
      class: 'answered',
    });
    expect(proxy.connectTargets).toHaveLength(1);
    expect(urls).toEqual([`https://provider.test:${port}/`]);
  });

  it('speaks TLS to a proxy that asks for it, and checks its certificate', async () => {
    const { port } = await startSecureServer(authority.valid);
    const trusted = await startProxyServer(200, authority.valid);
    vi.stubEnv('HTTPS_PROXY', trusted.url);
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({ class: 'answered' });
    const untrusted = await startProxyServer(200, authority.selfSigned);
    vi.stubEnv('HTTPS_PROXY', untrusted.url);
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({
      class: 'not_sent',
      cause: 'certificate_refused',
      detail: 'PROXY_DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(untrusted.connectTargets).toEqual([]);
  });

  it('uses one tunnel again for the next request', async () => {
    const { port, requests } = await startSecureServer(authority.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    const client = createHttpClient({ extraCaCertificates: [authority.pem] });
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

  it.each([403, 404, 407, 502])('takes a proxy’s own %i for what it is: nothing was sent onward', async (status) => {
    const proxy = await startProxyServer(status);
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    expect(await sendRequest('https://provider.test')).toMatchObject({
      class: 'not_sent',
      cause: 'connect_failed',
      detail: `PROXY_${status}`,
    });
  });

  // Verifies E-21.
  it('refuses a certificate through a tunnel as it does without one', async () => {
    const { port, requests } = await startSecureServer(authority.wrongName);
    vi.stubEnv('HTTPS_PROXY', (await startProxyServer()).url);
    expect(await sendRequest(`https://provider.test:${port}`)).toMatchObject({
      class: 'not_sent',
      cause: 'certificate_refused',
    });
    expect(requests).toEqual([]);
  });

  it('never goes around a proxy that is down, that it cannot speak to, or that nobody could name', async () => {
    const { port, requests } = await startSecureServer(authority.valid);
    const baseUrl = `https://provider.test:${port}`;
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await findClosedPort()}`);
    expect(await sendRequest(baseUrl)).toMatchObject({ class: 'not_sent', detail: 'PROXY_ECONNREFUSED' });
    vi.stubEnv('HTTPS_PROXY', 'socks5://127.0.0.1:1080');
    expect(await sendRequest(baseUrl)).toMatchObject({ class: 'not_sent', detail: 'PROXY_UNUSABLE' });
    const proxyResolver = () => Promise.reject(new Error('The script cannot be read.'));
    expect(await sendRequest(baseUrl, { proxyResolver })).toMatchObject({
      class: 'not_sent',
      detail: 'PROXY_UNUSABLE',
    });
    const silent = () => new Promise<string>(() => undefined);
    expect(await sendRequest(baseUrl, { proxyResolver: silent, connectTimeoutMs: 50 })).toMatchObject({
      class: 'not_sent',
      detail: 'PROXY_UNUSABLE',
    });
    expect(requests).toEqual([]);
  });

  it('never sends loopback through a proxy', async () => {
    const { port } = await startSecureServer(authority.valid);
    const proxy = await startProxyServer();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    expect(await sendRequest(`https://127.0.0.1:${port}`)).toMatchObject({ class: 'answered' });
    expect(proxy.connectTargets).toEqual([]);
  });
});
