import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startBrowserServer } from '../../../src-main/hosts/browser/server.ts';
import type { BrowserServer } from '../../../src-main/hosts/browser/server.ts';
import { callLimits } from '../../../src-main/hosts/call-limiter.ts';
import { contentSecurityPolicy } from '../../../src-main/hosts/security-headers.ts';
import { maxInputLength } from '../../../src-main/hosts/input-limits.ts';
import { createStubApp, createMemoryLog, stubAppState } from '../../support/stub-app.ts';

interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const app = createStubApp();
let folder: string;
let server: BrowserServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'browser-host-'));
  mkdirSync(join(folder, 'root/assets'), { recursive: true });
  writeFileSync(join(folder, 'root/index.html'), '<title>index page</title>');
  writeFileSync(join(folder, 'root/assets/main.js'), 'export {};');
  writeFileSync(join(folder, 'private.json'), '"private"');
  server = await startBrowserServer(app, join(folder, 'root'), createMemoryLog());
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends a request unchanged; `fetch` would normalise the path and set Host and Origin. */
function sendRequest(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<HttpResponse> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    outgoing.on('error', reject).end(options.body);
  });
}

async function signIn(): Promise<string> {
  const response = await openAddress(server.createLoginUrl());
  return response.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

function openAddress(address: string): Promise<HttpResponse> {
  const { pathname, search } = new URL(address);
  return sendRequest(pathname + search);
}

function callApi(
  name: string,
  cookie: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<HttpResponse> {
  return sendRequest(`/call/${name}`, {
    method: 'POST',
    headers: { Cookie: cookie, Origin: server.origin, 'Content-Type': 'application/json', ...options.headers },
    body: options.body ?? '{}',
  });
}

/** Opens an event stream, calls `onOpen`, and reads until the stream contains `expectedText`. */
async function readStreamUntil(cookie: string, expectedText: string, onOpen: () => void): Promise<string> {
  const response = await fetch(`${server.origin}/events`, { headers: { Cookie: cookie } });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  onOpen();
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes(expectedText)) break;
  }
  return text;
}

describe('browser host: login', () => {
  // Verifies B-05, B-06.
  it('the login address sets a cookie with HttpOnly and SameSite=Strict', async () => {
    const response = await openAddress(server.createLoginUrl());
    expect(response.status).toBe(200);
    const [cookie] = response.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^session_desk_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  // Verifies B-05.
  it('a used code is rejected with instructions for a new address', async () => {
    const address = server.createLoginUrl();
    await openAddress(address);
    const secondResponse = await openAddress(address);
    expect(secondResponse.status).toBe(403);
    expect(secondResponse.headers['set-cookie']).toBeUndefined();
    expect(secondResponse.text).toContain('press <kbd>Enter</kbd>');
  });

  // Verifies B-05.
  it('an unknown code is rejected', async () => {
    server.createLoginUrl();
    expect((await sendRequest('/open?code=guess')).status).toBe(403);
    expect((await sendRequest('/open')).status).toBe(403);
  });

  // Verifies B-08.
  it('a new login signs out the previous client', async () => {
    const firstCookie = await signIn();
    const address = server.createLoginUrl();
    expect((await callApi('app.state', firstCookie)).status).toBe(200);
    await openAddress(address);
    const signedOut = await callApi('app.state', firstCookie);
    expect(signedOut.status).toBe(401);
    expect(JSON.parse(signedOut.text)).toMatchObject({ ok: false, error: { code: 'untrusted_sender' } });
  });

  // Verifies B-05.
  it('without the cookie, no file, event or call is available', async () => {
    const response = await sendRequest('/');
    expect(response.status).toBe(401);
    expect(response.text).toContain('not signed in');
    expect((await sendRequest('/assets/main.js')).status).toBe(401);
    expect((await sendRequest('/events')).status).toBe(401);
    expect((await callApi('app.state', '')).status).toBe(401);
  });
});

describe('browser host: attacks', () => {
  // Verifies B-02.
  it('a request with another Host header is rejected (DNS rebinding)', async () => {
    const cookie = await signIn();
    const port = new URL(server.origin).port;
    for (const host of ['evil.example', `evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect((await callApi('app.state', cookie, { headers: { Host: host } })).status, host).toBe(403);
    }
  });

  // Verifies B-03.
  it('a call with another or without an Origin header is rejected', async () => {
    const cookie = await signIn();
    for (const origin of [
      'https://evil.example',
      'null',
      server.origin.replace('127.0.0.1', 'localhost'),
      `${server.origin}.evil.example`,
    ]) {
      expect((await callApi('app.state', cookie, { headers: { Origin: origin } })).status, origin).toBe(403);
    }
    const headersWithoutOrigin = { Cookie: cookie, 'Content-Type': 'application/json' };
    expect(
      (await sendRequest('/call/app.state', { method: 'POST', headers: headersWithoutOrigin, body: '{}' })).status,
    ).toBe(403);
  });

  // Verifies B-03.
  it('a cross-site request is rejected, except a top-level navigation', async () => {
    const cookie = await signIn();
    const crossSite = { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' };
    expect(
      (
        await sendRequest('/assets/main.js', {
          headers: { ...crossSite, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' },
        })
      ).status,
    ).toBe(403);
    expect(
      (await sendRequest('/', { headers: { ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' } }))
        .status,
    ).toBe(403);
    expect(
      (
        await sendRequest('/', {
          headers: { ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
        })
      ).status,
    ).toBe(200);
  });

  // Verifies B-03.
  it('a call with a content type that an HTML form can send is rejected', async () => {
    const cookie = await signIn();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      expect((await callApi('app.state', cookie, { headers: { 'Content-Type': type } })).status, type).toBe(415);
    }
  });

  // Verifies B-04.
  it('a WebSocket, and an event stream for another page, are rejected', async () => {
    const cookie = await signIn();
    const otherOriginHeaders = { Cookie: cookie, Origin: 'https://evil.example' };
    expect((await sendRequest('/events', { headers: otherOriginHeaders })).status).toBe(403);
    expect(
      (
        await sendRequest('/events', {
          headers: { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' },
        })
      ).status,
    ).toBe(403);
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
    };
    for (const path of ['/', '/events', '/call/app.state']) {
      expect((await sendRequest(path, { headers: { ...otherOriginHeaders, ...upgrade } })).status, path).toBe(403);
      expect((await sendRequest(path, { headers: upgrade })).status, path).toBe(401);
    }
  });

  // Verifies B-11.
  it('a closed server does not respond, and its cookie is not valid for the next server', async () => {
    const cookie = await signIn();
    const { origin } = server;
    await server.close();
    await expect(fetch(origin)).rejects.toThrow();
    server = await startBrowserServer(app, join(folder, 'root'), createMemoryLog());
    const renamed = cookie.replace(/\d+/, new URL(server.origin).port);
    for (const oldCookie of [cookie, renamed])
      expect((await sendRequest('/', { headers: { Cookie: oldCookie } })).status).toBe(401);
  });

  // Only root can send a request as another user.
  // Verifies B-10.
  if (process.platform === 'linux' && process.getuid?.() === 0)
    it('another user of the computer is rejected, even with the address', async () => {
      const { pathname, search, port } = new URL(server.createLoginUrl());
      const options = JSON.stringify({ host: '127.0.0.1', port, path: `${pathname}${search}` });
      const handler = '({ statusCode }) => { console.log(statusCode); process.exit(); }';
      const script = `require('node:http').get(${options}, ${handler})`;
      const asUser = async (uid: number) =>
        (
          await promisify(execFile)(process.execPath, ['-e', script], { uid, gid: uid, cwd: '/', env: {} })
        ).stdout.trim();
      expect(await asUser(65_534)).toBe('403');
      expect(await asUser(0)).toBe('200');
    });

  // Verifies B-01.
  it('the server listens only on loopback', async () => {
    const { port } = new URL(server.origin);
    const externalAddress = Object.values(networkInterfaces())
      .flat()
      .find((network) => network && !network.internal && network.family === 'IPv4')?.address;
    for (const host of ['::1', ...(externalAddress === undefined ? [] : [externalAddress])]) {
      const connection = new Promise((resolve) =>
        connect({ host, port: Number(port) }, () => resolve('connected')).on('error', () => resolve('refused')),
      );
      expect(await connection, host).toBe('refused');
    }
  });

  // Verifies E-18.
  it('files outside of the build folder are not served', async () => {
    const headers = { Cookie: await signIn() };
    const paths = [
      '/../private.json',
      '/assets/../../private.json',
      '/..%2fprivate.json',
      '/%2e%2e/private.json',
      '/..\\private.json',
      '/%5c..%5cprivate.json',
      '/assets/%00.js',
      '/%ff.js',
    ];
    for (const path of paths) expect((await sendRequest(path, { headers })).text, path).not.toContain('"private"');
    expect((await sendRequest('//evil.example/private.json', { headers })).status).toBe(404);
  });
});

describe('browser host: calls', () => {
  // Verifies I-01.
  it('a call returns an envelope', async () => {
    const response = await callApi('app.state', await signIn());
    expect(response.status).toBe(200);
    expect(JSON.parse(response.text)).toEqual({ ok: true, value: stubAppState });
  });

  it('an expected error returns its code', async () => {
    const response = await callApi('connections.list', await signIn());
    expect(JSON.parse(response.text)).toMatchObject({
      ok: false,
      error: { code: 'workspace_unavailable', retryable: true },
    });
  });

  // Verifies I-02.
  it('a body that is too long is rejected, with and without Content-Length', async () => {
    const cookie = await signIn();
    const body = JSON.stringify({ filler: 'x'.repeat(maxInputLength) });
    expect((await callApi('app.state', cookie, { body })).status).toBe(413);
    expect((await callApi('app.state', cookie, { body, headers: { 'Transfer-Encoding': 'chunked' } })).status).toBe(
      413,
    );
    expect((await callApi('app.state', cookie)).status).toBe(200);
  });

  // Verifies I-02.
  it('a body that is too deep or has too many values is rejected', async () => {
    const cookie = await signIn();
    for (const body of [`${'['.repeat(400_000)}${']'.repeat(400_000)}`, `{"keys":[${'0,'.repeat(400_000)}0]}`]) {
      expect(JSON.parse((await callApi('app.state', cookie, { body })).text)).toMatchObject({
        ok: false,
        error: { code: 'invalid_input' },
      });
    }
    expect((await callApi('app.state', cookie)).status).toBe(200);
  });

  // Verifies I-04.
  it('calls above the rate limit are rejected with status 429', async () => {
    await server.close();
    // The limiter of this server regains no calls, because its clock stands still.
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    server = await startBrowserServer(app, join(folder, 'root'), createMemoryLog());
    const cookie = await signIn();
    for (let sent = 0; sent < callLimits.burst; sent += 100) {
      const responses = await Promise.all(Array.from({ length: 100 }, () => callApi('app.state', cookie)));
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const { status, text } = await callApi('app.state', cookie);
    expect(status).toBe(429);
    expect(JSON.parse(text)).toMatchObject({ ok: false, error: { code: 'too_many_calls', retryable: true } });
  });

  it('a body that is not JSON is rejected', async () => {
    const response = await callApi('app.state', await signIn(), { body: '{' });
    expect(response.status).toBe(400);
    expect(JSON.parse(response.text)).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  });

  it('other HTTP methods are rejected', async () => {
    const cookie = await signIn();
    const headers = { Cookie: cookie, Origin: server.origin };
    expect((await sendRequest('/call/app.state', { headers })).status).toBe(405);
    expect((await sendRequest('/', { headers, method: 'PUT' })).status).toBe(405);
    expect((await sendRequest('/', { headers, method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('browser host: static files', () => {
  // Verifies E-07, B-07.
  it('every response has the security headers and Cache-Control: no-store', async () => {
    const cookie = await signIn();
    for (const path of ['/', '/sessions/all', '/assets/main.js', '/missing.js']) {
      const { headers } = await sendRequest(path, { headers: { Cookie: cookie } });
      expect(headers['content-security-policy'], path).toBe(contentSecurityPolicy);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['cache-control'], path).toBe('no-store');
    }
  });

  it('a route returns index.html, and a missing file returns 404', async () => {
    const headers = { Cookie: await signIn() };
    expect((await sendRequest('/sessions/42', { headers })).text).toContain('index page');
    expect((await sendRequest('/assets/main.js', { headers })).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    );
    expect((await sendRequest('/assets/missing.js', { headers })).status).toBe(404);
  });
});

describe('browser host: events', () => {
  // Verifies I-03.
  it('events reach the client without unknown fields', async () => {
    const payload = { ...stubAppState, unknownField: 'hidden' };
    const text = await readStreamUntil(await signIn(), '\n\nevent', () => {
      app.emit('app.changed', payload);
      app.emit('audit.appended', { lastSequence: 7 });
    });
    expect(text).toContain(`event: app.changed\ndata: ${JSON.stringify(stubAppState)}\n\n`);
    expect(text).not.toContain('hidden');
  });

  // Verifies B-08.
  it('signing out closes the event stream', async () => {
    const response = await fetch(`${server.origin}/events`, { headers: { Cookie: await signIn() } });
    await signIn();
    await expect(response.text()).resolves.toContain('retry:');
  });
});
